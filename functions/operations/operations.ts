import { withinTime } from '#functions/runtime/unavailable.ts'
import type { Job } from '#shared/declare/job.ts'
import type { OperationAlias } from '#shared/declare/operation-alias.ts'
import type { System } from '#shared/declare/system.ts'
import { defined } from '#shared/domain/defined.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { Operation } from '#shared/http/operation-routes.ts'
import { type HttpResult, problem } from '#shared/http/problem.ts'
import { router } from '#shared/http/router.ts'
import { type OperatorRow, operatorRows } from '#shared/http/routes.ts'
import { ReadPath } from '#shared/read/read-path.ts'
import { listAudit } from './audit.ts'
import { skip } from './control/control.ts'
import { override } from './control/overrides.ts'
import { pause, pauseAll, resume, resumeAll } from './control/pauses.ts'
import { startSchedule, stopSchedule } from './control/scheduler.ts'
import { changeSymbols } from './control/symbols.ts'
import { showCacheStats } from './data/cache-stats.ts'
import {
  clearCache,
  clearCacheKey,
  clearCachePrefix,
  clearDatasets,
  invalidate,
  invalidateDataset,
  listRejected,
} from './data/datasets.ts'
import { eraseOperatorData, replaceOperatorData, showOperatorData } from './data/operator-data.ts'
import { purge } from './data/purge.ts'
import { listFailedEvents, redriveFailedEvents } from './dlq/dlq.ts'
import { explainJob } from './explain.ts'
import type {
  OperationContext,
  OperationHandler,
  OperationPorts,
  OperationRequest,
} from './http/operation.ts'
import { asHttpError, errorInEnvelope, HttpError } from './http/response.ts'
import { listJobs, listMetrics, listSchedules, showJob, showMetrics } from './jobs.ts'
import { liveRead } from './live/live-read.ts'
import { liveView } from './live/live-view.ts'
import { cancel, listRuns, showRun } from './runs/runs.ts'
import { trigger } from './runs/trigger.ts'
import { listTicks } from './ticks.ts'
import { listUpstreams, resetUpstream } from './upstreams.ts'

const HANDLERS: Readonly<Record<Operation, OperationHandler>> = {
  'list-jobs': listJobs,
  'show-job': showJob,
  explain: explainJob,
  'list-ticks': listTicks,
  'list-runs': listRuns,
  'show-run': showRun,
  cancel,
  trigger,
  pause,
  resume,
  'pause-all': pauseAll,
  'resume-all': resumeAll,
  skip,
  override,
  invalidate,
  purge,
  'list-rejected': listRejected,
  'list-upstreams': listUpstreams,
  'reset-upstream': resetUpstream,
  'list-failed-events': listFailedEvents,
  'redrive-failed-events': redriveFailedEvents,
  'list-audit': listAudit,
  'list-schedules': listSchedules,
  'invalidate-dataset': invalidateDataset,
  'clear-datasets': clearDatasets,
  'list-metrics': listMetrics,
  'show-metrics': showMetrics,
  'start-schedule': startSchedule,
  'stop-schedule': stopSchedule,
  'clear-cache': clearCache,
  'clear-cache-key': clearCacheKey,
  'clear-cache-prefix': clearCachePrefix,
  'show-cache-stats': showCacheStats,
  'change-symbols': changeSymbols,
  'show-operator-data': showOperatorData,
  'replace-operator-data': replaceOperatorData,
  'erase-operator-data': eraseOperatorData,
}

type PathParameters = Readonly<Record<string, string>>

/** The operators' API. A change has an audit entry before it takes effect; a rejected request changes nothing. */
export class Operations {
  readonly #system: System
  readonly #version: string
  readonly #ports: OperationPorts
  readonly #match: ReturnType<typeof operatorRouter>
  readonly #jobById: ReadonlyMap<string, Job>
  readonly #readPath: ReadPath

  /** @param version - the deployed version, as `GET /v1/jobs` returns it */
  constructor(system: System, version: string, ports: OperationPorts) {
    this.#system = system
    this.#version = version
    this.#ports = ports
    this.#match = operatorRouter(system.jobs)
    this.#jobById = new Map(system.jobs.map((job) => [job.id, job]))
    // Reads by operators are not counted.
    const counts = { add: () => {}, addFallback: () => {} }
    const views = defined({ views: ports.operatorViews })
    const readPorts = { ...ports, ...views, jobs: system.jobs, counts, isForOperator: true }
    this.#readPath = new ReadPath(readPorts, version)
  }

  /**
   * The response to a request; 503 when the table or the bus fails or is too slow.
   *
   * @param endsAt - when the function's time ends, in epoch milliseconds
   * @throws what is a defect; the function answers it with 500
   */
  async handle(request: OperationRequest, endsAt?: number): Promise<HttpResult> {
    const response = await this.#respond(request, endsAt)
    return request.method === 'HEAD' ? { ...response, body: '' } : response
  }

  async #respond(request: OperationRequest, endsAt: number | undefined): Promise<HttpResult> {
    const { actor, method, path } = request
    if (actor === undefined) {
      return problem({ status: 401, message: 'an authenticated operator is required' })
    }
    const ports = this.#ports
    const authorized = { ...request, actor }
    let job: Job | undefined
    try {
      const { row, parameters } = this.#match(method, path)
      job = row.serves === 'operation' ? undefined : this.#jobById.get(row.job)
      const served = this.#serve(row, parameters, this.#contextOf(row, parameters, authorized))
      return await withinTime(served, endsAt, ports)
    } catch (error) {
      const httpError = asHttpError(error, { request: authorized, ports })
      return job ? errorInEnvelope(httpError, job, ports.clock.now()) : httpError.result
    }
  }

  #contextOf(
    row: OperatorRow,
    parameters: PathParameters,
    request: OperationContext['request'],
  ): OperationContext {
    const { job: jobId, alias }: { job?: string; alias?: OperationAlias } =
      row.serves === 'operation' ? row : {}
    return {
      request,
      route: row,
      id: parameters['id'] ?? jobId ?? '',
      system: this.#system,
      version: this.#version,
      ports: this.#ports,
      ...defined({ job: this.#jobById.get(jobId ?? ''), alias }),
    }
  }

  async #serve(row: OperatorRow, parameters: PathParameters, call: OperationContext): Promise<HttpResult> {
    if (row.serves === 'operation') return HANDLERS[row.operation](call)
    const job = this.#jobById.get(row.job)
    if (!job) throw new TypeError(`the route ${row.path} names the unknown job ${row.job}`)
    switch (row.serves) {
      case 'dataset':
        return withNoStore(await this.#readPath.read(job, row.route, parameters, call.request))
      case 'live': {
        const read = row.route.view === undefined ? liveRead : liveView
        return withNoStore(await read(job, row.route, parameters, call))
      }
      default:
        return assertNever(row)
    }
  }
}

interface MatchedRoute {
  readonly row: OperatorRow
  readonly parameters: PathParameters
}

/**
 * A router over the operators' routes; HEAD is matched as GET.
 *
 * @returns a function that throws {@link HttpError}: 404 for an unknown path, 405 with `Allow` for another method
 */
export function operatorRouter(jobs: readonly Job[]): (method: string, path: string) => MatchedRoute {
  const match = router(operatorRows(jobs))
  return (method, path) => {
    const matched = match(method === 'HEAD' ? 'GET' : method, path)
    if (matched.isMatch) return matched
    if (matched.status === 404) throw new HttpError({ status: 404, message: 'no operation has this path' })
    const methods = new Set(
      matched.rows.flatMap((row) => (row.serves === 'live' ? row.methods : row.methods.flatMap(withHead))),
    )
    const allow = [...methods].join(', ')
    throw new HttpError({ status: 405, message: `this path allows ${allow}`, headers: { allow } })
  }
}

function withHead(method: string): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}

/** Responses to operators are not cached. */
function withNoStore(response: HttpResult): HttpResult {
  return { ...response, headers: { ...response.headers, 'cache-control': 'no-store' } }
}
