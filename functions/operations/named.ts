import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import type { OperationContext } from './operation.ts'
import { HttpError, shown } from './refused.ts'

/** The job that the path names, by its id or a trigger name. @throws {HttpError} 404 with the known names */
export function jobOfPath({ system, id, route }: Pick<OperationContext, 'system' | 'id' | 'route'>): Job {
  const job = system.jobs.find((one) => one.id === id || one.triggerNames.includes(id))
  if (job) return job
  // the documented words of the documented paths
  const message = route.path.includes('/admin/') ? 'Job not found' : `No job is named ${shown(id)}`
  throw new HttpError({ status: 404, message, members: { known: system.jobs.map((one) => one.id) } })
}

/** The provider that the path names. @throws {HttpError} 404 with the known names */
export function upstreamOfPath({ system, id }: Pick<OperationContext, 'system' | 'id'>): Upstream {
  const upstream = system.upstreams.get(id)
  if (upstream) return upstream
  const known = [...system.upstreams.keys()]
  throw new HttpError({ status: 404, message: `No upstream is named ${shown(id)}`, members: { known } })
}
