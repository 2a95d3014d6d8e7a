import type { Job } from './job.ts'

/**
 * Jobs with those that are not selected switched off: they neither run nor are expected to.
 *
 * @param only - ids of the selected jobs; all if it is `undefined`
 */
export function withOnly(jobs: readonly Job[], only: readonly string[] | undefined): readonly Job[] {
  if (only === undefined) return jobs
  return jobs.map((job) => {
    if (only.includes(job.id)) return job
    const computedFrom = { ...job.computedFrom, off: ['--only'] }
    return Object.freeze({ ...job, off: `--only selects other jobs: ${only.join(', ')}`, computedFrom })
  })
}
