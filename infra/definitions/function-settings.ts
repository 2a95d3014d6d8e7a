import type { Job } from '#shared/declare/job.ts'
import { retainedDatasets } from '#shared/declare/retained-datasets.ts'
import type { System } from '#shared/declare/system.ts'

/** The members of a job that a function of all jobs reads, of those that settings may change. */
const MEMBERS_READ: Readonly<Record<string, readonly string[]>> = {
  reads: ['freshness', 'off', 'submits'],
  watchdog: ['freshness', 'off', 'overdueAfter', 'run', 'schedule', 'upstream'],
}

/**
 * The changed settings that a function has in its environment: only those that it reads, so that a change deploys no
 * other function.
 *
 * - The function of a job: those of the job and of its upstreams.
 * - `operations`: those of all jobs and upstreams, which it shows.
 * - `submit`: those of the jobs whose runs are tasks.
 * - `reads` and `watchdog`: those from which the members that they read are computed; `reads` also those of jobs with
 *   views, which may show any.
 */
export function functionSettings(
  name: string,
  { jobs, changed }: Pick<System, 'jobs' | 'changed'>,
): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const job of jobs) {
    for (const [setting, text] of Object.entries(changed.get(job.id) ?? {}))
      if (isRead(name, job, setting)) settings[setting] = text
  }
  return settings
}

/** The variable with the datasets of all jobs, of a job that declares `retains`; none of any other. */
export function datasetsEnvironment(
  { retains }: Pick<Job, 'retains'>,
  jobs: readonly Job[],
): Record<string, string> {
  return retains === undefined ? {} : { FRESHET_DATASETS: JSON.stringify(retainedDatasets(jobs)) }
}

function isRead(name: string, job: Job, setting: string): boolean {
  if (name === 'operations') return true
  if (name.startsWith('job-')) return name === `job-${job.id}`
  const isOwn = Object.hasOwn(job.settings, setting)
  if (name === 'submit') return isOwn && job.run.mode === 'task'
  if (name === 'reads' && isOwn && job.reads.some(({ view }) => view !== undefined)) return true
  const members = MEMBERS_READ[name]
  if (!members) throw new TypeError(`expected the name of a function, got ${name}`)
  return members.some((member) => job.computedFrom[member]?.includes(setting))
}
