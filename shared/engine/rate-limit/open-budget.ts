import { asRefreshError, copyWith, type RefreshError } from '#shared/domain/errors.ts'
import type { CoolDown, UpstreamState, UsageCoolDown } from '#shared/domain/records/upstream-state.ts'
import type { Work } from '../model/run-state.ts'
import { type Budget, type CallResult, connectionsInUse, deadlineError, providerError } from './budget.ts'
import { callQueue } from './call-queue.ts'
import { type BreakerSignal, breakerSignal, runSignal } from './circuit-breaker.ts'
import { coolDownAfter, coolDownTracker, sharedCoolDowns } from './cool-down.ts'
import { crossedWarning } from './quota.ts'
import { type Blocked, type Caller, type Grant, reserve, settle } from './reservation.ts'
import { type StateChange, updateUpstream } from './upstream-update.ts'

/** A slot is used without another look at the table for so long after the last one. */
const STATE_MAX_AGE_MS = 1_000

/** Between two looks for a free connection. */
const POLL_MS = 250

/**
 * Reserves a first block of calls. Further blocks are reserved as the run goes on, so that it hears within a second
 * of a cool-down that another run met.
 *
 * @param expected - calls to make when nothing fails
 * @param known - what the table knew of the provider a moment ago
 * @returns the budget, or why no call may be made
 * @throws {RefreshError} `store` when the table does not answer: without it no call is made
 */
export async function openBudget<V>(
  expected: number,
  asker: Caller,
  { job, upstream, ports }: Omit<Work<V>, 'refresh'>,
  known?: UpstreamState,
): Promise<Budget | Blocked> {
  const { clock, log } = ports
  const told: BreakerSignal[] = []
  let ended: RefreshError | undefined
  const held = coolDownTracker(asker.secretVersion, clock)
  const forAll = sharedCoolDowns({ job, upstream, log, change })
  let lookedAt = clock.now()
  let weight: number | undefined
  let isProbe = false
  let unused = 0
  let changes = 0

  const first = await reserveBlock(expected, 0, known)
  if (first.status === 'refused') return first
  isProbe = first.isProbe
  const turn = callQueue(first, { clock, limits: upstream.limits, reserveMore, canCall })
  turn.setSerial(first.isSerial)

  return {
    status: 'open',
    call,
    startCoolDown,
    stop,
    stopReason: () => ended,
    usedWeight: () => weight,
    close,
  }

  async function call<T extends CallResult>(make: () => Promise<T>): Promise<T> {
    await turn.acquire()
    try {
      const answered = await make()
      learn(answered.error)
      if (answered.usage) weight = Math.max(weight ?? 0, answered.usage.used)
      if (answered.usage?.coolDown) await keepFull(answered.usage.coolDown)
      return answered
    } finally {
      turn.release()
    }
  }

  /** At once, before anything else is called: the table hears of a wait in {@link startCoolDown}. */
  function learn(error: RefreshError | undefined): void {
    const verdict = breakerSignal(error?.reason)
    if (isProbe && told.length === 0 && error && verdict === 'faulty') stop(providerError(error))
    told.push(verdict)
    if (verdict === 'served' || error?.scope === 'item') turn.setSerial(false)
    // whether a key is refused is only known when a fresh one is refused too
    if (error && error.reason !== 'auth') hold(coolDownAfter(error, undefined, undefined, clock.now()))
  }

  function hold(coolDown: CoolDown | undefined): void {
    if (!coolDown) return
    held.addCoolDown(coolDown)
    turn.dropSlots()
    turn.setSerial(true)
  }

  /**
   * Nobody asks for more in a minute that is nearly used up: what is left of the plan waits for the next one. The first
   * answer that says so is the one that is written down; where it cannot be, it holds for this run.
   */
  async function keepFull(minute: UsageCoolDown): Promise<void> {
    if (!held.addUsageCoolDown(minute)) return
    turn.dropSlots()
    await forAll.fill(minute)
  }

  async function startCoolDown(
    error: RefreshError,
    secretVersion: string | undefined,
  ): Promise<RefreshError> {
    const chosen = coolDownAfter(error, undefined, secretVersion, clock.now())
    if (!chosen) return error
    hold(chosen)
    const { until } = await forAll.cool(chosen, error, secretVersion)
    return copyWith(error, { retryAfterMs: Math.max(0, until - clock.now()) })
  }

  async function close(): Promise<void> {
    turn.dropSlots()
    unused += turn.drainUnused()
    const end = { unused, verdict: runSignal(told) }
    try {
      await change((stored, now) => ({ state: settle(stored, asker, end, upstream, now) }))
    } catch (error) {
      log.warn('What a run did not use of a budget could not be given back', {
        job: job.id,
        upstream: upstream.name,
        error,
      })
    }
  }

  async function reserveMore(waiting: number): Promise<Grant> {
    unused += turn.drainUnused()
    const underWay = turn.inFlight()
    try {
      const block = await reserveBlock(Math.max(waiting, expected - told.length - underWay), underWay)
      if (block.status === 'granted') return block
      throw providerError(block)
    } catch (error) {
      stop(providerError(asRefreshError(error)))
      throw error
    }
  }

  function stop(error: RefreshError): void {
    ended ??= error
    turn.fail(ended)
  }

  /** Looks at the table again when the slot was reserved a while ago; one that cannot be looked up is given up. */
  async function canCall(): Promise<boolean> {
    if (clock.now() >= asker.deadline) stop(deadlineError())
    if (ended) throw ended
    if (held.isBlocked(clock.now())) return false
    if (clock.now() - lookedAt <= STATE_MAX_AGE_MS) return true
    try {
      const state = await ports.store.upstreams.get(upstream.name)
      held.mergeState(state)
      const { openUntil, probe } = state.breaker
      const isBarred = openUntil !== undefined && probe?.owner !== asker.owner
      if (isBarred || held.isBlocked(clock.now())) return false
      lookedAt = clock.now()
      return true
    } catch (error) {
      log.warn('The state of an upstream cannot be read', { job: job.id, upstream: upstream.name, error })
      return false
    }
  }

  async function reserveBlock(
    calls: number,
    inFlight: number,
    seen?: UpstreamState,
  ): Promise<Grant | Blocked> {
    for (let tries = 0; ; tries += 1) {
      const [probeSignal] = isProbe ? told : []
      const ask = {
        ...asker,
        calls,
        connections: job.run.concurrency,
        inFlight,
        unused,
        ...(probeSignal ? { probeSignal } : {}),
      }
      const decision = await change(
        (stored, now) => {
          held.mergeState(stored)
          const decided = reserve(held.applyTo(stored), ask, upstream, now)
          const after = 'state' in decided ? decided.state : stored
          return { ...decided, scarce: crossedWarning(stored, after, upstream.limits, now) }
        },
        tries === 0 ? seen : undefined,
      )
      if (decision.status === 'refused') return decision
      unused = 0
      if (decision.status === 'granted') {
        lookedAt = clock.now()
        if (probeSignal) isProbe = false
        if (decision.scarce) warnOf(decision.scarce)
        return decision
      }
      if (clock.now() + POLL_MS > asker.deadline) return connectionsInUse(upstream)
      await clock.sleep(Math.ceil(POLL_MS * (0.5 + ports.random())))
    }
  }

  function change<R>(
    decide: (stored: UpstreamState, now: number) => StateChange<R>,
    seen?: UpstreamState,
  ): Promise<R> {
    changes += 1
    return updateUpstream(upstream.name, `${asker.owner}.${changes}`, ports, decide, seen)
  }

  function warnOf(span: 'day' | 'month'): void {
    const message = `Most of the calls a ${span} that an upstream allows are used`
    log.warn(message, { job: job.id, upstream: upstream.name })
  }
}
