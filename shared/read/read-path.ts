import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import { failureResponse, type HttpResult } from '#shared/http/problem.ts'
import { hasLiveTwin, livePath } from '#shared/http/routes.ts'
import { datasets, type ReadStore } from './datasets.ts'
import { type ColdFill, coldFills, type RefreshTarget, refreshRequests } from './refresh-requests.ts'
import type { Representation } from './representation.ts'
import { type ReadRequest, type ReadTarget, readTarget, requestsLiveRead } from './request.ts'
import { datasetResponse, type ReadOrigin } from './response.ts'
import type { Views } from './view.ts'
import type { ViewStore } from './view-context.ts'
import { viewResponses } from './view-response.ts'

/** The world as a read of a dataset sees it: no upstream, no write but an event on the bus. */
export interface ReadPorts {
  readonly store: ReadStore & ViewStore
  /** How jobs make answers of more than one stored value. */
  readonly views?: Views
  /** Jobs whose sets shapes may look at. */
  readonly jobs?: readonly Job[]
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
  readonly counts: { add(ending: ReadResult): void; copied(): void }
}

/**
 * How a read of a dataset ended: from what was stored, fresh or stale; after a wait; not at all, because nothing is
 * there; or with a server error.
 */
export type ReadResult = 'fresh' | 'stale' | 'waited' | 'cold' | 'errors'

/** Answers one read of one route of a job. */
export type ReadPath = (
  job: Job,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  request: ReadRequest,
) => Promise<HttpResult>

/**
 * The ladder of a read: memory, table, stale with a refresh asked for, a copy while the table is down, at last 503. It
 * holds no lock, calls no upstream and writes nothing. One ladder is one process's memory.
 */
export function readPath({ store, views = {}, jobs = [], bus, clock, log, counts }: ReadPorts): ReadPath {
  const notice = memoryFallbackWarning(log, clock)
  const found = datasets(store, clock, (failure) => {
    counts.copied()
    notice(failure)
  })
  const requests = refreshRequests(bus, store.states, clock)
  const coldFill = coldFills(found, requests, clock)
  const shaped = viewResponses({
    datasets: found,
    store,
    clock,
    inputOf,
    onStale: askForRefresh,
    fill: waitFor,
    onServed: (cache) => {
      if (cache !== undefined) counts.add(cache === 'HIT' ? 'fresh' : cache === 'MISS' ? 'waited' : 'stale')
    },
  })

  return async (job, route, parameters, request) => {
    if (requestsLiveRead(request)) return forOperators(job, route, request.path)
    if (route.view !== undefined) return composed(job, route, parameters, request)
    const asked = readTarget(job, route, parameters)
    if ('wrong' in asked)
      return failureResponse(job.envelope, { status: 400, message: asked.wrong }, clock.now())
    const { key, refreshTarget } = asked

    const { value, failure } = await found.read(job, key)
    const isFallback = failure !== undefined
    if (!value && isFallback) return unreachable(job, failure)
    if (!value) return cold(route, asked, request)
    if (!isFallback && freshness(value, clock.now()) === 'stale') await askForRefresh(refreshTarget)
    return answer(value, job, request, { waited: false, isFallback })
  }

  async function composed(...[job, route, parameters, request]: Parameters<ReadPath>): Promise<HttpResult> {
    const shape = views[job.id]?.[route.view ?? '']
    if (!shape) throw new TypeError(`the route ${route.path} names the unknown shape ${route.view}`)
    try {
      const result = await shaped(shape, job, route, parameters, request)
      if (result.statusCode === 503) counts.add('cold')
      return result
    } catch (error) {
      return unreachable(job, error)
    }
  }

  function inputOf({ id, inputs }: Job, name: string): Job {
    const input = inputs.includes(name) ? jobs.find((one) => one.id === name) : undefined
    if (input) return input
    throw new TypeError(`expected an input of ${id}, one of ${inputs.join(', ') || 'none'}; got ${name}`)
  }

  /** Nothing on a path depends on who asks: what only operators may has a path of its own. */
  function forOperators(job: Job, route: Route, path: string): HttpResult {
    const twin = `${route.method === 'POST' ? 'POST ' : ''}${livePath({ path })}`
    const where = hasLiveTwin(route) ? twin : `POST /v1/jobs/${job.id}/runs, with the key`
    const failure = { status: 403, message: `Live reads are for operators, at ${where}` }
    return failureResponse(job.envelope, failure, clock.now())
  }

  async function cold(
    route: Route,
    { key, refreshTarget }: ReadTarget,
    request: ReadRequest,
  ): Promise<HttpResult> {
    const { job } = refreshTarget
    const fill: ColdFill = route.cold === 'wait' ? await waitFor(refreshTarget, key) : { status: 'empty' }
    if (fill.status === 'filled') return answer(fill.value, job, request, { waited: true, isFallback: false })
    counts.add('cold')
    const status = fill.status === 'limited' ? 429 : 503
    const message =
      fill.status === 'limited' ? 'Too many datasets are asked for at once' : `${job.title} are not available`
    const seconds = fill.status === 'limited' ? Math.ceil(fill.retryAfterMs / 1_000) : 30
    return failureResponse(job.envelope, { status, message }, clock.now(), { 'retry-after': String(seconds) })
  }

  /** Nobody could be asked, or nobody would fetch it, so nothing will come: the reader is told at once. */
  async function waitFor(wanted: RefreshTarget, key: string): Promise<ColdFill> {
    if (wanted.job.off !== undefined) return { status: 'empty' }
    try {
      return await coldFill(wanted, key)
    } catch (error) {
      log.error('A cold refresh could not be asked for', { job: wanted.job.id, error })
      return { status: 'empty' }
    }
  }

  function unreachable(job: Job, error: unknown): HttpResult {
    counts.add('errors')
    log.error('The table cannot be read and no copy is left', { job: job.id, error })
    const failure = { status: 503, message: 'The storage cannot be reached', code: 'INTERNAL_ERROR' }
    return failureResponse(job.envelope, failure, clock.now(), { 'retry-after': '30' })
  }

  /**
   * The reader has an answer already; that nobody could be asked for a newer one is told to the operator. A job that is
   * off brings none.
   */
  async function askForRefresh(wanted: RefreshTarget): Promise<void> {
    if (wanted.job.off !== undefined) return
    try {
      await requests.requestStale(wanted)
    } catch (error) {
      log.warn('A refresh could not be asked for', { job: wanted.job.id, error })
    }
  }

  function answer(value: Representation, job: Job, request: ReadRequest, how: ReadOrigin): HttpResult {
    const now = clock.now()
    if (!value.isAbsent)
      counts.add(how.waited ? 'waited' : freshness(value, now) === 'fresh' ? 'fresh' : 'stale')
    return datasetResponse(value, job, request, how, now)
  }
}

/** Between two lines of one process. */
const WARN_INTERVAL_MS = 60_000

/** Told of each value that is given from memory because the table failed, with how it failed. */
export type MemoryFallbackWarning = (failure: unknown) => void

/** Warns that readers are served from memory: the first time at once, and then once a minute with how many times. */
export function memoryFallbackWarning(log: Pick<Log, 'warn'>, clock: Clock): MemoryFallbackWarning {
  let saidAt = Number.NEGATIVE_INFINITY
  let copies = 0
  return (error) => {
    copies += 1
    const now = clock.now()
    if (now - saidAt < WARN_INTERVAL_MS) return
    log.warn('Table unavailable, serving from memory', { copies, error })
    saidAt = now
    copies = 0
  }
}
