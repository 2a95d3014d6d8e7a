import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { freshness, isRefreshDue } from '#shared/domain/freshness.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import { failureResponse, type HttpResult } from '#shared/http/problem.ts'
import { hasLiveTwin, livePath } from '#shared/http/routes.ts'
import { Datasets, type ReadStore } from './datasets.ts'
import type { ReadOrigin } from './headers.ts'
import { type ColdFill, ColdFills, RefreshRequests, type RefreshTarget } from './refresh-requests.ts'
import type { Representation } from './representation.ts'
import { type ReadRequest, type ReadTarget, readTarget, requestsLiveRead } from './request.ts'
import { datasetResponse } from './response.ts'
import { notAvailableText, type Views } from './view.ts'
import type { ViewStore } from './view-context.ts'
import { ViewResponses } from './view-response.ts'

/** What the read path uses: no upstream, and no write but an event on the bus. */
export interface ReadPorts {
  readonly store: ReadStore & ViewStore
  /** The views of jobs, which make responses from several stored values. */
  readonly views?: Views
  /** Whether the readers are operators; by default they are not. */
  readonly isForOperator?: boolean
  /** Jobs whose records views may read. */
  readonly jobs?: readonly Job[]
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly counts: { add(result: ReadResult): void; addFallback(): void }
}

/**
 * The result of a read, as counted: a stored value, fresh or stale; a value after a wait (`waited`); nothing stored
 * (`cold`); a server error (`errors`).
 */
export type ReadResult = 'fresh' | 'stale' | 'waited' | 'cold' | 'errors'

/**
 * The path of a read: memory, then the table, then stale data with a refresh request, then memory while the table is
 * down, finally 503. It holds no lock, calls no upstream and writes nothing. Its cache belongs to one process.
 */
export class ReadPath {
  readonly #ports: ReadPorts
  readonly #datasets: Datasets
  readonly #requests: RefreshRequests
  readonly #coldFills: ColdFills
  readonly #viewResponses: ViewResponses

  /** @param version - the deployed version, which views may show */
  constructor(ports: ReadPorts, version: string) {
    const { store, bus, clock, log, counts, isForOperator = false } = ports
    this.#ports = ports
    const warn = memoryFallbackWarning(log, clock)
    this.#datasets = new Datasets(store, clock, (failure) => {
      counts.addFallback()
      warn(failure)
    })
    this.#requests = new RefreshRequests(bus, store.states, clock)
    this.#coldFills = new ColdFills(this.#datasets, this.#requests, clock)
    this.#viewResponses = new ViewResponses({
      version,
      isForOperator,
      datasets: this.#datasets,
      store,
      clock,
      inputOf: (job, name) => this.#inputOf(job, name),
      onUnreadable: warn,
      onStale: (target) => this.#requestRefresh(target),
      fill: (target, key) => this.#waitFor(target, key),
      onServed: (cache) => {
        if (cache !== undefined) counts.add(cache === 'HIT' ? 'fresh' : cache === 'MISS' ? 'waited' : 'stale')
      },
    })
  }

  /** Answers one read of one route of a job. */
  async read(
    job: Job,
    route: Route,
    parameters: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<HttpResult> {
    if (requestsLiveRead(request)) return this.#refuseLiveRead(job, route, request.path)
    if (route.view !== undefined) return this.#view(job, route, parameters, request)
    const target = readTarget(job, route, parameters)
    if ('wrong' in target) return this.#failed(job, { status: 400, message: target.wrong })

    const { value, failure } = await this.#datasets.read(job, target.key)
    const isFallback = failure !== undefined
    if (!value && isFallback) return this.#unavailable(job, failure)
    if (!value) return this.#cold(route, target, request)
    if (!isFallback && isRefreshDue(value, job.freshness, this.#ports.clock.now()))
      await this.#requestRefresh(target.refreshTarget)
    return this.#respond(value, job, request, { waited: false, isFallback })
  }

  async #view(...[job, route, parameters, request]: Parameters<ReadPath['read']>): Promise<HttpResult> {
    const { views = {}, counts } = this.#ports
    const view = views[job.id]?.[route.view ?? '']
    if (!view) throw new TypeError(`the route ${route.path} names the unknown view ${route.view}`)
    try {
      const result = await this.#viewResponses.respond(view, job, route, parameters, request)
      if (result.statusCode === 503) counts.add('cold')
      return result
    } catch (error) {
      return this.#unavailable(job, error)
    }
  }

  #inputOf({ id, inputs, viewInputs }: Job, name: string): Job {
    const { jobs = [] } = this.#ports
    const names = [...inputs, ...viewInputs]
    const input = names.includes(name) ? jobs.find((job) => job.id === name) : undefined
    if (input) return input
    throw new TypeError(`expected an input of ${id}, one of ${names.join(', ') || 'none'}; got ${name}`)
  }

  /** The gateway authorises by path, so a live read has a path of its own, for operators. */
  #refuseLiveRead(job: Job, route: Route, path: string): HttpResult {
    const twin = `${route.method === 'POST' ? 'POST ' : ''}${livePath({ path })}`
    const where = hasLiveTwin(route) ? twin : `POST /v1/jobs/${job.id}/runs, with the key`
    return this.#failed(job, { status: 403, message: `Live reads are for operators, at ${where}` })
  }

  async #cold(route: Route, { key, refreshTarget }: ReadTarget, request: ReadRequest): Promise<HttpResult> {
    const { job } = refreshTarget
    const fill: ColdFill =
      route.cold === 'wait' ? await this.#waitFor(refreshTarget, key) : { status: 'empty' }
    if (fill.status === 'filled')
      return this.#respond(fill.value, job, request, { waited: true, isFallback: false })
    this.#ports.counts.add('cold')
    return fill.status === 'limited'
      ? this.#failed(
          job,
          { status: 429, message: 'Too many datasets are asked for at once' },
          Math.ceil(fill.retryAfterMs / 1_000),
        )
      : this.#failed(job, { status: 503, message: notAvailableText(job) }, 30)
  }

  /** Waits for a key that is not stored; `empty` at once when the job is off or the request cannot be sent. */
  async #waitFor(target: RefreshTarget, key: string): Promise<ColdFill> {
    if (target.job.off !== undefined) return { status: 'empty' }
    try {
      return await this.#coldFills.fill(target, key)
    } catch (error) {
      this.#ports.log.error('A cold refresh could not be requested', { job: target.job.id, error })
      return { status: 'empty' }
    }
  }

  #unavailable(job: Job, error: unknown): HttpResult {
    this.#ports.counts.add('errors')
    this.#ports.log.error('The table cannot be read and nothing is cached', { job: job.id, error })
    const failure = { status: 503, message: 'The storage cannot be reached', code: 'INTERNAL_ERROR' }
    return this.#failed(job, failure, 30)
  }

  /** Requests a refresh of stale data, unless the job is off. A failure is logged: the reader has stale data. */
  async #requestRefresh(target: RefreshTarget): Promise<void> {
    if (target.job.off !== undefined) return
    try {
      await this.#requests.requestStale(target)
    } catch (error) {
      this.#ports.log.warn('A refresh could not be requested', { job: target.job.id, error })
    }
  }

  #respond(value: Representation, job: Job, request: ReadRequest, origin: ReadOrigin): HttpResult {
    const now = this.#ports.clock.now()
    if (!value.isAbsent)
      this.#ports.counts.add(origin.waited ? 'waited' : freshness(value, now) === 'fresh' ? 'fresh' : 'stale')
    return datasetResponse(value, job, request, origin, now)
  }

  #failed(job: Job, failure: Parameters<typeof failureResponse>[1], retryAfterS?: number): HttpResult {
    const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }
    return failureResponse(job.envelope, failure, this.#ports.clock.now(), headers)
  }
}

const WARN_INTERVAL_MS = MINUTE_MS

/** A function that warns that values are served from memory: at once, then once a minute with their number. */
function memoryFallbackWarning(log: Pick<Log, 'warn'>, clock: Clock): (failure: unknown) => void {
  let warnedAt = Number.NEGATIVE_INFINITY
  let copies = 0
  return (error) => {
    copies += 1
    const now = clock.now()
    if (now - warnedAt < WARN_INTERVAL_MS) return
    log.warn('Table unavailable, serving from memory', { copies, error })
    warnedAt = now
    copies = 0
  }
}
