import type { Job } from '#shared/declare/job.ts'
import type { Refresh } from '#shared/engine/refresh.ts'

/** What the checks need to know of a job beside its declaration. */
interface JobFolder {
  /** Calls to the upstream that one whole run makes, without retries. */
  readonly calls: number
  /** Paths that have a schema. */
  readonly schemas: readonly string[]
}

export type JobFolders = ReadonlyMap<string, JobFolder>

/**
 * Loads how each job refreshes and what it answers, from its folder.
 *
 * @throws when a folder has no `refresh.ts` or `schema.ts`
 */
export async function jobFolders(jobs: readonly Job[], now: number): Promise<JobFolders> {
  const folders = jobs.map(async (job): Promise<[string, JobFolder]> => {
    const folder = new URL(`../functions/jobs/${job.id}/`, import.meta.url)
    const [{ refresh }, { schemas }] = (await Promise.all([
      import(new URL('refresh.ts', folder).href),
      import(new URL('schema.ts', folder).href),
    ])) as [{ refresh: Refresh<unknown> }, { schemas: object }]
    const requests = refresh.plan({ job, now })
    const calls = requests.reduce((sum, request) => sum + request.calls.length, 0)
    return [job.id, { calls, schemas: Object.keys(schemas) }]
  })
  return new Map(await Promise.all(folders))
}
