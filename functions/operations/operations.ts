import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { Operation } from '#shared/http/operation-routes.ts'
import { type HttpResult, problem } from '#shared/http/problem.ts'
import { router } from '#shared/http/router.ts'
import { type OperatorRow, operatorRows } from '#shared/http/routes.ts'
import { ReadPath } from '#shared/read/read-path.ts'
import { listAudit } from './audit.ts'
import { pause, resume, skip } from './control.ts'
import {
  clearCache,
  clearCacheKey,
  clearDatasets,
  invalidate,
  invalidateDataset,
  listRejected,
  purge,
} from './datasets.ts'
import type {
  OperationContext,
  OperationHandler,
  OperationPorts,
  OperationRequest,
} from './http/operation.ts'
import { HttpError } from './http/response.ts'
import { listJobs, listMetrics, listSchedules, showJob, showMetrics } from './jobs.ts'
import { liveRead } from './live-read.ts'
import { liveView } from './live-view.ts'
import { override } from './overrides.ts'
import { cancel, listRuns, showRun } from './runs.ts'
import { startSchedule, stopSchedule } from './scheduler.ts'
import { changeSymbols } from './symbols.ts'
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
  const dataset = new ReadPath({ ...ports, jobs: system.jobs, counts: { add: () => {}, copied: () => {} } })

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
        return withNoStore(await dataset.read(job, row.route, parameters, call.request))
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

interface MatchedRoute {
  readonly row: OperatorRow
  /** What stands for the parameters of the row's path. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * A router over the rows of operators; HEAD is asked as GET. Its function
 *
 * @throws {HttpError} 404 for a path that no row has, 405 with `Allow` for another method
 */
export function operatorRouter(jobs: readonly Job[]): (method: string, path: string) => MatchedRoute {
  const match = router(operatorRows(jobs))
  return (method, path) => {
    const matched = match(method === 'HEAD' ? 'GET' : method, path)
    if (matched.isMatch) return matched
    if (matched.status === 404)
      throw new HttpError({ status: 404, message: 'No operation stands at this path' })
    const methods = new Set(
      matched.rows.flatMap((row) => (row.serves === 'live' ? row.methods : row.methods.flatMap(withHead))),
    )
    const allow = [...methods].join(', ')
    throw new HttpError({ status: 405, message: `This path answers ${allow}`, headers: { allow } })
  }
}

function withHead(method: string): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}

/** An answer of a dataset as operators get it: no cache keeps it for somebody else. */
export function withNoStore(result: HttpResult): HttpResult {
  return { ...result, headers: { ...result.headers, 'cache-control': 'no-store' } }
}
