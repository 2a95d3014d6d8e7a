import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { SNAPSHOT_KEY } from '#shared/engine/snapshot-view.ts'
import { filled, wrongValue } from './parameters.ts'
import type { Wanted } from './refresh-requests.ts'

/** What a request asks for: a key, and what would have to be refreshed for it. */
export interface AskedFor {
  readonly key: string
  readonly wanted: Wanted
}

/**
 * What the parameters of a path ask of a job: one key of it where the route names one in them, else all of it.
 *
 * @returns what is wrong with a value that is none, in its place
 */
export function askedFor(
  job: Job,
  route: Route,
  values: Readonly<Record<string, string>>,
): AskedFor | { readonly wrong: string } {
  const wrong = wrongValue(route.parameters, values)
  if (wrong !== undefined) return { wrong }
  if (job.stored === 'snapshot') return { key: SNAPSHOT_KEY, wanted: { job } }
  const key = filled(route.key, values)
  return { key, wanted: route.key.includes('{') ? { job, key } : { job } }
}
