import type { System } from '#shared/declare/system.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { Operation } from '#shared/http/operation-routes.ts'
import { type HttpResult, problem } from '#shared/http/problem.ts'
import type { OperatorRow } from '#shared/http/routes.ts'
import { readPath } from '#shared/read/read-path.ts'
import { clearDatasets, invalidateDataset } from './cache.ts'
import { cancel } from './cancel.ts'
import { changeSymbols } from './change-symbols.ts'
import { clearCache, clearCacheKey } from './clear-cache.ts'
import { withNoStore } from './for-operators.ts'
import { invalidate } from './invalidate.ts'
import { listAudit } from './list-audit.ts'
import { listSchedules } from './list-schedules.ts'
import { liveRead } from './live-read.ts'
import { liveView } from './live-shape.ts'
import { listMetrics, showMetrics } from './metrics.ts'
import type { OperationContext, OperationHandler, OperationPorts, OperationRequest } from './operation.ts'
import { override } from './override.ts'
import { pause, resume } from './pause.ts'
import { purge } from './purge.ts'
import { HttpError } from './refused.ts'
import { listRejected } from './rejected.ts'
import { operatorRouter } from './router.ts'
import { listRuns, showRun } from './runs.ts'
import { startSchedule, stopSchedule } from './scheduler.ts'
import { listJobs, showJob } from './show-jobs.ts'
import { skip } from './skip.ts'
import { trigger } from './trigger.ts'
import { listUpstreams, resetUpstream } from './upstreams.ts'

const HANDLERS: Readonly<Record<Operation, OperationHandler>> = {
  'list-jobs': listJobs,
  'show-job': showJob,
  'list-runs': listRuns,
  'show-run': showRun,
  cancel,
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
  'list-schedules': listSchedules,
  'invalidate-dataset': invalidateDataset,
  'clear-datasets': clearDatasets,
  'list-metrics': listMetrics,
  'show-metrics': showMetrics,
  'start-schedule': startSchedule,
  'stop-schedule': stopSchedule,
  'clear-cache': clearCache,
  'clear-cached': clearCacheKey,
  'change-symbols': changeSymbols,
}

/**
 * Answers every request of the operators' paths. A change leaves a record of who made it before it takes effect; what
 * is refused changes nothing.
 *
 * @throws what the table throws: the function's door makes a 500 of it
 */
export function operationsHandler(system: System, version: string, ports: OperationPorts) {
  const match = operatorRouter(system.jobs)
  const jobById = new Map(system.jobs.map((job) => [job.id, job]))
  // nobody is told how operators' reads end
  const dataset = readPath({ ...ports, jobs: system.jobs, counts: { add: () => {}, copied: () => {} } })

  return async (request: OperationRequest): Promise<HttpResult> => {
    const answer = await answered(request)
    return request.method === 'HEAD' ? { ...answer, body: '' } : answer
  }

  async function answered(request: OperationRequest): Promise<HttpResult> {
    const { actor } = request
    if (actor === undefined) {
      return problem({ status: 401, message: 'expected a request of an operator, got one of nobody' })
    }
    try {
      const { row, parameters } = match(request.method, request.path)
      const ofJob = row.serves === 'operation' ? row.job : undefined
      const id = parameters['id'] ?? ofJob ?? ''
      const job = jobById.get(ofJob ?? '')
      const call = {
        request: { ...request, actor },
        route: row,
        id,
        system,
        version,
        ports,
        ...(job ? { job } : {}),
      }
      return await served(row, parameters, call)
    } catch (error) {
      if (error instanceof HttpError) return error.result
      throw error
    }
  }

  async function served(
    row: OperatorRow,
    parameters: Readonly<Record<string, string>>,
    call: OperationContext,
  ): Promise<HttpResult> {
    if (row.serves === 'operation') return HANDLERS[row.operation](call)
    const job = jobById.get(row.job)
    if (!job) throw new TypeError(`the route ${row.path} names the unknown job ${row.job}`)
    switch (row.serves) {
      case 'dataset':
        return withNoStore(await dataset(job, row.route, parameters, call.request))
      case 'live':
        return withNoStore(
          row.route.live === undefined
            ? await liveRead(job, row.route, parameters, call)
            : await liveView(job, row.route, parameters, call),
        )
      default:
        return assertNever(row)
    }
  }
}
