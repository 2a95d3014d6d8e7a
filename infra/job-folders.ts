import type { Job } from '#shared/declare/job.ts'
import type { Refresh } from '#shared/engine/refresh.ts'

/** What the checks need to know of a job beside its declaration. */
interface JobFolder {
  /** Calls that one whole run makes of each upstream at worst, without retries. */
  readonly calls: ReadonlyMap<string, number>
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
    return [job.id, { calls: callsOf(job, refresh, now), schemas: Object.keys(schemas) }]
  })
  return new Map(await Promise.all(folders))
}

/** As the job says, or as it plans with nothing stored; those that are asked in another one's place included. */
function callsOf(job: Job, refresh: Refresh<unknown>, now: number): ReadonlyMap<string, number> {
  if (refresh.mostCalls) return new Map(Object.entries(refresh.mostCalls(job)))
  const plan = refresh.plan({ job, now, params: {}, inputs: new Map() })
  const calls = new Map<string, number>()
  for (const { upstream = job.upstream, calls: own, otherwise = [] } of plan === 'stored' ? [] : plan) {
    for (const source of [{ upstream, calls: own }, ...otherwise]) {
      calls.set(source.upstream, (calls.get(source.upstream) ?? 0) + source.calls.length)
    }
  }
  return calls
}
