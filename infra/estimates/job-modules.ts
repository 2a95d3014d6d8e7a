import type { Job } from '#shared/declare/job.ts'
import type { Call, MaxCalls, Refresh, UpstreamRequest } from '#shared/engine/model/refresh.ts'

/** What the checks need of a job beside its declaration. */
interface JobModule {
  /** The maximum of a whole run's calls to each upstream, without retries. */
  readonly calls: ReadonlyMap<string, MaxCalls>
  /** Requests of its plan without stored data: a task divides them into chunks. */
  readonly requests: number
  /** Paths with a schema. */
  readonly schemaPaths: readonly string[]
}

export type JobModules = ReadonlyMap<string, JobModule>

/**
 * Loads the refresh and the schemas of each job from its folder.
 *
 * @throws when a folder has no `refresh.ts` or `schema.ts`
 */
export async function loadJobModules(jobs: readonly Job[], now: number): Promise<JobModules> {
  const folders = jobs.map(async (job): Promise<[string, JobModule]> => {
    const folder = new URL(`../../functions/jobs/${job.id}/`, import.meta.url)
    const [{ refresh }, { schemas }] = (await Promise.all([
      import(new URL('refresh.ts', folder).href),
      import(new URL('schema.ts', folder).href),
    ])) as [{ refresh: Refresh<unknown> }, { schemas: object }]
    const plan = refresh.plan({ job, now, params: {}, inputs: new Map() })
    const requests = plan === 'stored' ? [] : plan
    const calls = refresh.maxCalls
      ? new Map(Object.entries(refresh.maxCalls(job)))
      : plannedCalls(job, requests)
    return [job.id, { calls, requests: requests.length, schemaPaths: Object.keys(schemas) }]
  })
  return new Map(await Promise.all(folders))
}

/** The calls of a plan, including its fallbacks. */
function plannedCalls(job: Job, requests: readonly UpstreamRequest[]): ReadonlyMap<string, MaxCalls> {
  const sources = requests.flatMap(({ upstream = job.upstream, calls, fallbacks = [] }) => [
    { upstream, calls },
    ...fallbacks,
  ])
  const byName = Map.groupBy(sources, ({ upstream }) => upstream)
  return new Map([...byName].map(([name, all]) => [name, countCalls(all.flatMap(({ calls }) => calls))]))
}

function countCalls(calls: readonly Call[]): MaxCalls {
  const once = calls.filter(({ optional }) => optional === true).length
  return { retried: calls.length - once, once }
}
