import type { System } from '#shared/declare/system.ts'
import type { Operation } from '#shared/http/operation-routes.ts'
import { type HttpResult, problem } from '#shared/http/problem.ts'
import { invalidate } from './invalidate.ts'
import { listAudit } from './list-audit.ts'
import { listMetrics, showMetrics } from './metrics.ts'
import type { Operate, OperationPorts, OperationRequest } from './operation.ts'
import { override } from './override.ts'
import { pause, resume } from './pause.ts'
import { purge } from './purge.ts'
import { Refused } from './refused.ts'
import { listRejected } from './rejected.ts'
import { route } from './router.ts'
import { listRuns, showRun } from './runs.ts'
import { listJobs, showJob } from './show-jobs.ts'
import { skip } from './skip.ts'
import { trigger } from './trigger.ts'
import { listUpstreams, resetUpstream } from './upstreams.ts'

const OPERATIONS: Readonly<Record<Operation, Operate>> = {
  'list-jobs': listJobs,
  'show-job': showJob,
  'list-runs': listRuns,
  'show-run': showRun,
  trigger,
  pause,
  resume,
  skip,
  override,
  invalidate,
  purge,
  'list-rejected': listRejected,
  'list-upstreams': listUpstreams,
  'reset-upstream': resetUpstream,
  'list-audit': listAudit,
  'list-metrics': listMetrics,
  'show-metrics': showMetrics,
}

/**
 * Answers every request of the operators' paths. A change leaves a record of who made it before it takes effect; what
 * is refused changes nothing.
 *
 * @throws what the table throws: the function's door makes a 500 of it
 */
export function operations(system: System, version: string, ports: OperationPorts) {
  return async (request: OperationRequest): Promise<HttpResult> => {
    const answer = await answered(request, system, version, ports)
    return request.method === 'HEAD' ? { ...answer, body: '' } : answer
  }
}

async function answered(
  request: OperationRequest,
  system: System,
  version: string,
  ports: OperationPorts,
): Promise<HttpResult> {
  const { actor } = request
  if (actor === undefined) {
    return problem({ status: 401, message: 'expected a request of an operator, got one of nobody' })
  }
  try {
    const { row, id } = route(request.method, request.path)
    return await OPERATIONS[row.operation]({
      request: { ...request, actor },
      route: row,
      id,
      system,
      version,
      ports,
    })
  } catch (error) {
    if (error instanceof Refused) return error.result
    throw error
  }
}
