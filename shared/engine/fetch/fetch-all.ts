import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import { planContext } from '../model/inputs.ts'
import type { ParseContext, UpstreamRequest } from '../model/refresh.ts'
import { type RunState, sourceName, type Work } from '../model/run-state.ts'
import type { Blocked } from '../rate-limit/blocked.ts'
import { RunBudgets, requestSources } from '../rate-limit/run-budgets.ts'
import { validateBodies } from '../validate/validate.ts'
import { BodyMemory, type RequestMemory } from './body-memory.ts'
import { retryLog } from './fetch-log.ts'
import type { Fetched, StoredValue, ValidationResult } from './fetch-results.ts'
import { fetchSources, type SourceResult } from './fetch-sources.ts'
import { withheldError } from './personal-data.ts'
import { readRejected, sanitizedError, storeRejected } from './rejected-bodies.ts'
import { RunProgress } from './run-progress.ts'
import { withTimedHttp } from './slow-responses.ts'
import { ValueNotes } from './value-notes.ts'

/** Requests with what is stored under their keys. */
interface RequestBatch {
  readonly requests: readonly UpstreamRequest[]
  readonly stored: ReadonlyMap<string, StoredValue>
}

interface FetchAllOptions<V, R> extends RequestBatch {
  readonly state: RunState
  readonly work: Work<V>
  /** The requests that follow from the results of the others: made after them, within the same budgets. */
  readonly later?: () => Promise<RequestBatch>
  /** Called with the result of each request; it does not throw. */
  readonly settle: (result: ValidationResult) => Promise<R>
}

/**
 * Makes all requests within the budgets, the least recently confirmed first unless the job plans the order itself, and
 * validates the bodies. A failure of the provider stops further requests and attempts at once; a wait that it asks for
 * applies to all runs. A malformed or rejected body is stored for operators.
 *
 * @returns the results in the order of the requests made, or why no provider may be called
 */
export async function fetchAll<V, R>(options: FetchAllOptions<V, R>): Promise<Fetched<R> | Blocked> {
  return new PlanFetch(options).run()
}

/** While one body is validated and published, the next one is fetched: the budget limits the calls, not the lanes. */
const LANES_PER_CONNECTION = 2

type RequestContext = Omit<ParseContext, 'upstream' | 'previous'>

class PlanFetch<V, R> {
  readonly #options: FetchAllOptions<V, R>
  readonly #stored: Map<string, StoredValue>
  readonly #budgets: RunBudgets
  readonly #memory = new BodyMemory()
  readonly #progress: RunProgress
  #attempts = 0
  #retries = 0
  #slow = 0
  readonly #notes: ValueNotes<V>
  #remaining: number
  #closing: Promise<void> | undefined
  #unfinished: RefreshError | undefined

  constructor(options: FetchAllOptions<V, R>) {
    this.#options = options
    this.#stored = new Map(options.stored)
    this.#notes = new ValueNotes(options.work)
    this.#budgets = new RunBudgets(options.requests, options.state, options.work)
    this.#progress = new RunProgress(options.state.record, options.work.ports)
    this.#progress.plan(options.requests.length)
    this.#remaining = options.requests.length + (options.later ? 1 : 0)
  }

  async run(): Promise<Fetched<R> | Blocked> {
    const blocked = await this.#blockedByAll()
    if (blocked) return blocked
    const first = await this.#fetchEach(this.#options.requests)
    const results = [...first, ...(await this.#fetchEach(await this.#laterRequests()))]
    await Promise.all([this.#closing, this.#progress.close()])
    const stats = {
      attempts: this.#attempts,
      retries: this.#retries,
      slow: this.#slow,
      ...this.#notes.stats(),
      ...defined({ usedWeight: this.#budgets.usedWeight() }),
    }
    return { status: 'fetched', results, stats, ...defined({ unfinished: this.#unfinished }) }
  }

  #fetchEach(requests: readonly UpstreamRequest[]): Promise<R[]> {
    const { job, refresh } = this.#options.work
    const lanes = LANES_PER_CONNECTION * job.run.concurrency
    const ordered = refresh.keys ? requests : oldestCheckedFirst(requests, this.#stored)
    return mapConcurrently(ordered, lanes, (request) =>
      this.#withMemory((memory) => this.#fetchOne(request, memory)),
    )
  }

  /** The requests that follow from the first ones; none when they cannot be planned, which the result states. */
  async #laterRequests(): Promise<readonly UpstreamRequest[]> {
    const { later } = this.#options
    if (!later) return []
    try {
      const { requests, stored } = await later()
      for (const [key, value] of stored) this.#stored.set(key, value)
      this.#budgets.add(requests)
      this.#remaining += requests.length
      this.#progress.plan(requests.length)
      return requests
    } catch (thrown) {
      this.#unfinished = asRefreshError(thrown)
      return []
    } finally {
      this.#endOne()
    }
  }

  /** Closed at once: other runs may call while the last values are published. */
  #endOne(): void {
    this.#remaining -= 1
    if (this.#remaining === 0) this.#closing = this.#budgets.close()
  }

  /** Why no provider may be called; `undefined` when at least one may, or when a request needs no call. */
  async #blockedByAll(): Promise<Blocked | undefined> {
    const { requests, work } = this.#options
    if (requests.some(({ calls }) => calls.length === 0)) return undefined
    const names = requests.flatMap((request) => requestSources(request, work)).map(({ upstream }) => upstream)
    let first: Blocked | undefined
    for (const name of new Set(names)) {
      const opened = await this.#budgets.open(name)
      if (opened.status === 'open') return undefined
      first ??= opened
    }
    return first
  }

  /** The bodies of a request stay in memory until its value is published. */
  async #withMemory(work: (memory: RequestMemory) => Promise<R>): Promise<R> {
    const memory = this.#memory.open()
    try {
      return await work(memory)
    } finally {
      memory.close()
    }
  }

  async #fetchOne(request: UpstreamRequest, memory: RequestMemory): Promise<R> {
    const { state, work } = this.#options
    const settle = async (result: ValidationResult) => {
      const settled = await this.#options.settle(result)
      this.#progress.end(result.kind === 'failure')
      return settled
    }
    const { key } = request
    const context = { ...planContext(state, work), key, ...defined({ retention: state.retention }) }
    const result = await this.#fetch(request, context, memory)
    this.#attempts += result.attempts
    this.#retries += result.retries
    this.#endOne()
    try {
      if (result.kind === 'failure') throw result.error
      if (result.kind === 'unchanged')
        return await settle({ key, kind: 'unchanged', answeredAt: result.answeredAt })
      return await settle(await this.#validate(context, result))
    } catch (thrown) {
      const error = sanitizedError(asRefreshError(thrown), result.redact)
      if (error.scope === 'provider') result.budget?.stop(error)
      return settle({ key, kind: 'failure', error: await storeRejected(key, error, result, state, work) })
    }
  }

  #fetch(
    request: UpstreamRequest,
    context: RequestContext,
    memory: RequestMemory,
  ): Promise<SourceResult> | SourceResult {
    const { state, work } = this.#options
    if (request.postponed !== undefined || request.calls.length === 0)
      return withoutCalls(request, state, work)
    const { refresh, job } = work
    const { nextCalls } = refresh
    // with other settings the same response makes another value
    const hasOverridableSettings = Object.keys(job.overridableSettings).length > 0
    return fetchSources(request, {
      work: withTimedHttp(work, () => {
        this.#slow += 1
      }),
      budgets: this.#budgets,
      deadline: state.deadline,
      memory,
      validator: hasOverridableSettings ? undefined : this.#stored.get(request.key)?.validator,
      ...defined({
        onRetry: retryLog(request, state, work),
        nextCalls:
          nextCalls &&
          ((bodies: readonly (object | null)[], upstream: string) =>
            nextCalls(bodies, { ...context, upstream })),
      }),
    })
  }

  async #validate(
    request: RequestContext,
    response: Extract<SourceResult, { kind: 'bodies' }>,
  ): Promise<ValidationResult> {
    const rejected = await readRejected(request.key, this.#options.work)
    try {
      return this.#validated(request, response, rejected)
    } catch (error) {
      throw response.hasPersonalData ? withheldError(error) : error
    }
  }

  #validated(
    request: RequestContext,
    response: Extract<SourceResult, { kind: 'bodies' }>,
    rejected: RejectedRecord | undefined,
  ): ValidationResult {
    const { state, work } = this.#options
    const { key } = request
    const { bodies, upstream, validator, answeredAt, hasPersonalData } = response
    const restsOnSimulated = state.storedInputs?.simulatedInputKeys.has(key)
    const dataSource = restsOnSimulated ? 'simulated' : response.dataSource
    const previous = this.#stored.get(key)?.previous
    // an answer that was minutes on its way is judged by the time at which it was made
    const context = { ...request, now: answeredAt, upstream, ...defined({ previous }) }
    const { review, ...valid } = validateBodies(bodies, context, rejected, work)
    this.#notes.add(valid.value, context, review, hasPersonalData)
    const nextValidator = valid.body?.isEmpty ? undefined : validator
    const origin = { upstream, dataSource, answeredAt, ...defined({ validator: nextValidator }) }
    return { key, kind: 'value', ...valid, ...origin }
  }
}

/** The result of a request that makes no call: it is postponed, or its value is computed from what is stored. */
function withoutCalls<V>(
  { key, postponed }: UpstreamRequest,
  { storedInputs }: RunState,
  work: Work<V>,
): SourceResult {
  const hasPersonalData = work.upstream?.hasPersonalData ?? false
  const text = { rejectedText: () => '', redact: (unredacted: string) => unredacted }
  const none = { attempts: 0, retries: 0, hasPersonalData, ...text }
  const upstream = sourceName(work)
  if (postponed !== undefined)
    return { ...none, kind: 'failure', upstream, error: new RefreshError('quota-exhausted', postponed) }
  const dataSource = storedInputs?.simulatedKeys.has(key) ? 'simulated' : 'live'
  return { ...none, kind: 'bodies', bodies: [], upstream, dataSource, answeredAt: work.ports.clock.now() }
}

/** Requests that did not fit before the last deadline come first. */
function oldestCheckedFirst(requests: readonly UpstreamRequest[], stored: ReadonlyMap<string, StoredValue>) {
  const checkedAt = ({ key }: UpstreamRequest) =>
    stored.get(key)?.previous.checkedAt ?? Number.NEGATIVE_INFINITY
  return requests.toSorted((a, b) => Math.sign(checkedAt(a) - checkedAt(b)) || 0)
}
