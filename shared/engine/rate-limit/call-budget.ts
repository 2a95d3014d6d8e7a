import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, copyWith, type RefreshError } from '#shared/domain/errors.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import type { CoolDown, UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { ProviderWork } from '../model/run-state.ts'
import { type Blocked, busy, type Caller, providerError } from './blocked.ts'
import { CallQueue } from './call-queue.ts'
import { type BreakerSignal, breakerSignal, runSignal } from './circuit-breaker.ts'
import { coolDownAfter, type Usage } from './cool-down.ts'
import { CoolDownTracker } from './cool-down-tracker.ts'
import { escalatedError } from './escalation.ts'
import { crossedWarning } from './quota.ts'
import { type Grant, reserve, settle } from './reservation.ts'
import { type StateChange, updateUpstream } from './upstream-update.ts'

/** Wait between two attempts to get a connection. */
const POLL_MS = 250

/** How one call ended; it does not throw. */
export interface CallResult {
  readonly error?: RefreshError | undefined
  /** The provider's own count, if the response had it. */
  readonly usage?: Usage | undefined
}

type BudgetWork = Omit<ProviderWork<unknown>, 'refresh'>

/** One run's part of a provider's limits (I6, I7). Reserves about a second of calls at a time, to notice cool-downs. */
export class CallBudget {
  readonly status = 'open'
  readonly #expectedCalls: number
  readonly #caller: Caller
  readonly #work: BudgetWork
  readonly #logFields: { readonly job: string; readonly upstream: string }
  readonly #coolDowns: CoolDownTracker
  readonly #queue: CallQueue
  readonly #signals: BreakerSignal[] = []
  #isProbe = false
  #unused = 0
  #changes = 0
  #usedWeight: number | undefined
  #stopReason: RefreshError | undefined
  /** The cool-down that failures of single items have started. */
  #escalated: CoolDown | undefined

  private constructor(expectedCalls: number, caller: Caller, work: BudgetWork) {
    this.#expectedCalls = expectedCalls
    this.#caller = caller
    this.#work = work
    const { job, upstream, ports } = work
    const { clock, log, store } = ports
    this.#logFields = { job: job.id, upstream: upstream.name }
    this.#coolDowns = new CoolDownTracker({
      owner: caller.owner,
      secretVersion: caller.secretVersion,
      clock,
      log,
      logFields: this.#logFields,
      read: () => store.upstreams.get(upstream.name),
      update: (decide) => this.#update(decide),
    })
    this.#queue = new CallQueue({
      clock,
      limits: upstream.limits,
      reserveMore: (waiting) => this.#reserveMore(waiting),
      canCall: () => this.#canCall(),
    })
  }

  /**
   * Opens a budget and reserves its first block of calls.
   *
   * @param expectedCalls - number of calls when nothing fails
   * @param stored - the provider's state, if it was read a moment ago
   * @returns the budget, or why no call may be made
   * @throws {RefreshError} `store` when the table does not answer: no call is made without a reservation
   */
  static async open(
    expectedCalls: number,
    caller: Caller,
    work: BudgetWork,
    stored?: UpstreamState,
  ): Promise<CallBudget | Blocked> {
    const budget = new CallBudget(expectedCalls, caller, work)
    const first = await budget.#reserveBlock(expectedCalls, 0, stored)
    if (first.status === 'blocked') return first
    budget.#isProbe = first.isProbe
    budget.#queue.setBlock(first)
    budget.#queue.setSerial(first.isSerial)
    return budget
  }

  /**
   * Makes one call when a slot and a connection are free, and applies its result to the budget.
   * @throws {RefreshError} of scope `provider` when no further call may be made
   */
  async call<T extends CallResult>(make: () => Promise<T>): Promise<T> {
    await this.#queue.acquire()
    try {
      const result = await make()
      this.#applyResult(result.error)
      await this.#countForEscalation(result.error)
      const { usage } = result
      if (usage) this.#usedWeight = Math.max(this.#usedWeight ?? 0, usage.used)
      if (usage?.coolDown && this.#coolDowns.addUsageCoolDown(usage.coolDown)) {
        // the rest of the plan waits for the provider's next minute
        this.#queue.dropSlots()
        await this.#coolDowns.storeUsageCoolDown(usage.coolDown)
      }
      return result
    } finally {
      this.#queue.release()
    }
  }

  /**
   * Stores the cool-down that a failure demands, so that all runs honour it. When it cannot be stored, it applies to
   * this run only.
   *
   * @param secretVersion - version of the refused secret
   * @returns the failure with the wait that now applies
   */
  async startCoolDown(error: RefreshError, secretVersion: string | undefined): Promise<RefreshError> {
    const { ports, upstream } = this.#work
    const { clock } = ports
    if (error.escalates && this.#escalated && upstream.escalation)
      return escalatedError(error, this.#escalated, upstream.escalation, clock.now())
    const coolDown = coolDownAfter(error, undefined, secretVersion, clock.now())
    if (!coolDown) return error
    this.#applyCoolDown(coolDown)
    const until = await this.#coolDowns.storeCoolDown(coolDown, error, secretVersion)
    return copyWith(error, { retryAfterMs: Math.max(0, until - clock.now()) })
  }

  /** Ends the budget: all calls that wait now or later fail with this error. */
  stop(error: RefreshError): void {
    this.#stopReason ??= error
    this.#queue.fail(this.#stopReason)
  }

  /** Why the budget was stopped; `undefined` while it is open. */
  stopReason(): RefreshError | undefined {
    return this.#stopReason
  }

  /** The largest count of its own minute that the provider reported, in its own unit. */
  usedWeight(): number | undefined {
    return this.#usedWeight
  }

  /** Returns unused calls and reports the run to the circuit breaker. When that cannot be stored, reservations expire. */
  async close(): Promise<void> {
    this.#queue.dropSlots()
    this.#unused += this.#queue.drainUnused()
    const { upstream, ports } = this.#work
    const end = { unused: this.#unused, signal: runSignal(this.#signals) }
    try {
      await this.#update((stored, now) => ({ state: settle(stored, this.#caller, end, upstream, now) }))
    } catch (error) {
      ports.log.warn('The unused part of a call budget could not be returned', { ...this.#logFields, error })
    }
  }

  /** Applies at once, before any other call: {@link startCoolDown} stores the cool-down later. */
  #applyResult(error: RefreshError | undefined): void {
    const signal = breakerSignal(error?.reason)
    const isProbe = this.#isProbe && this.#signals.length === 0
    if (isProbe && error && signal === 'fault') this.stop(providerError(error))
    this.#signals.push(signal)
    const isItem = error?.scope === 'item' && !error.escalates
    if (signal === 'success' || isItem) this.#queue.setSerial(false)
    // a refused secret starts a cool-down only after a fresh one is refused too, a fault only when it outlasts the run
    if (!error || error.reason === 'auth' || error.reason === 'upstream-fault') return
    const coolDown = coolDownAfter(error, undefined, undefined, this.#work.ports.clock.now())
    if (coolDown) this.#applyCoolDown(coolDown)
  }

  /** Counts before any other call is made: the failures of items that are in a row over all runs, until a success. */
  async #countForEscalation(error: RefreshError | undefined): Promise<void> {
    const { escalation } = this.#work.upstream
    if (!escalation) return
    if (!error) return this.#coolDowns.endFailures()
    if (!error.escalates || error.scope !== 'item') return
    this.#escalated = await this.#coolDowns.countFailure(error, escalation)
    if (this.#escalated) this.#applyCoolDown(this.#escalated)
  }

  #applyCoolDown(coolDown: CoolDown): void {
    this.#coolDowns.addCoolDown(coolDown)
    this.#queue.dropSlots()
    this.#queue.setSerial(true)
  }

  async #reserveMore(waiting: number): Promise<Grant> {
    this.#unused += this.#queue.drainUnused()
    const inFlight = this.#queue.inFlight()
    const remaining = this.#expectedCalls - this.#signals.length - inFlight
    try {
      const block = await this.#reserveBlock(Math.max(waiting, remaining), inFlight)
      if (block.status === 'granted') return block
      throw providerError(block)
    } catch (error) {
      this.stop(providerError(asRefreshError(error)))
      throw error
    }
  }

  /** Reserves a block; while other runs use all connections, it waits for one until the deadline. */
  async #reserveBlock(calls: number, inFlight: number, stored?: UpstreamState): Promise<Grant | Blocked> {
    const { upstream, ports } = this.#work
    let current = stored
    const polling = { deadline: this.#caller.deadline - POLL_MS, firstMs: POLL_MS, random: ports.random }
    const block = await pollUntil(ports.clock, polling, async () => {
      const decision = await this.#tryReserve(calls, inFlight, current)
      current = undefined
      return decision.status === 'wait' ? undefined : decision
    })
    return block ?? busy(`all ${upstream.limits.concurrency} connections to ${upstream.title} are in use`)
  }

  async #tryReserve(calls: number, inFlight: number, stored: UpstreamState | undefined) {
    const { job, upstream, ports } = this.#work
    const probeSignal = this.#isProbe ? this.#signals[0] : undefined
    const request = {
      ...this.#caller,
      calls,
      connections: job.run.concurrency,
      inFlight,
      unused: this.#unused,
      ...defined({ probeSignal }),
    }
    const decision = await this.#update((current, now) => {
      this.#coolDowns.mergeState(current, now)
      const decided = reserve(this.#coolDowns.applyTo(current), request, upstream, now)
      const next = ('state' in decided && decided.state) || current
      return { ...decided, warning: crossedWarning(current, next, upstream.limits, now) }
    }, stored)
    if (decision.status !== 'blocked') this.#unused = 0
    if (decision.status !== 'granted') return decision
    this.#coolDowns.markRead()
    if (probeSignal) this.#isProbe = false
    if (decision.warning) {
      const message = `Most of the calls a ${decision.warning} that an upstream allows are used`
      ports.log.warn(message, this.#logFields)
    }
    return decision
  }

  async #canCall(): Promise<boolean> {
    if (this.#work.ports.clock.now() >= this.#caller.deadline) {
      const message = 'the deadline passed before the upstream could be called'
      this.stop(providerError({ reason: 'timeout', message }))
    }
    if (this.#stopReason) throw this.#stopReason
    return !(await this.#coolDowns.isBlocked())
  }

  #update<R>(
    decide: (stored: UpstreamState, now: number) => StateChange<R>,
    stored?: UpstreamState,
  ): Promise<R> {
    this.#changes += 1
    const change = `${this.#caller.owner}.${this.#changes}`
    return updateUpstream(this.#work.upstream.name, change, this.#work.ports, decide, stored)
  }
}
