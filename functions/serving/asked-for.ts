import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { SNAPSHOT_KEY } from '#shared/engine/snapshot-view.ts'
import { fillTemplate, invalidParameter } from './parameters.ts'
import type { RefreshTarget } from './refresh-requests.ts'

/** What a request asks for: a key, and what would have to be refreshed for it. */
export interface ReadTarget {
  readonly key: string
  readonly refreshTarget: RefreshTarget
}

/**
 * What the parameters of a path ask of a job: one key of it where the route names one in them, else all of it.
 *
 * @returns what is wrong with a value that is none, in its place
 */
export function readTarget(
  job: Job,
  route: Route,
  values: Readonly<Record<string, string>>,
): ReadTarget | { readonly wrong: string } {
  const wrong = invalidParameter(route.parameters, values)
  if (wrong !== undefined) return { wrong }
  if (job.stored === 'snapshot') return { key: SNAPSHOT_KEY, refreshTarget: { job } }
  const key = fillTemplate(route.key, values)
  return { key, refreshTarget: route.key.includes('{') ? { job, key } : { job } }
}
