import type { Upstream } from '#shared/declare/upstream.ts'
import { durationText } from '#shared/domain/duration.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { SkipReason } from '#shared/domain/outcome.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { type BreakerSignal, circuitState, nextBreaker } from './circuit-breaker.ts'
import { activeCoolDown, activeUsageCoolDown } from './cool-down.ts'
import { GRACE_MS, SKEW_MS, slotsFrom } from './pacing.ts'
import { allowance, countCalls } from './quota.ts'

/** Who asks the provider's budget for something. Times are milliseconds since the epoch. */
export interface Caller {
  readonly owner: string
  /** No call begins later. */
  readonly deadline: number
  /** What it meets counts for the breaker, and it may probe. */
  readonly countsForBreaker: boolean
  /** May use what is kept back from scheduled runs. */
  readonly forOperator: boolean
  /** Of the secret that its calls would carry. */
  readonly secretVersion?: string
}

/** What a run asks for at once. */
export interface ReservationRequest extends Caller {
  /** Calls still to make. */
  readonly calls: number
  /** Calls that it could have under way at once. */
  readonly connections: number
  /** Calls that are under way. */
  readonly inFlight: number
  /** Calls granted before and not made. */
  readonly unused: number
  /** What its probe has told, if it was the one to probe. */
  readonly probeSignal?: BreakerSignal
}

/** Why a run may not call: as its outcome when it has not called yet, else as its failure. */
export interface Blocked {
  readonly status: 'refused'
  readonly skip: SkipReason
  readonly reason: FailReason
  readonly message: string
}

export interface Grant {
  readonly status: 'granted'
  /** Times from which one call each may be made, for a second each. */
  readonly slots: readonly number[]
  readonly connections: number
  /** The first call decides whether there are more. */
  readonly isProbe: boolean
  /** The provider has said no before: one call at a time until one is served. */
  readonly isSerial: boolean
}

type Decision =
  | (Grant & { readonly state: UpstreamState })
  | Blocked
  | { readonly status: 'wait'; readonly state: UpstreamState }

type UpstreamPolicy = Pick<Upstream, 'title' | 'limits' | 'breaker' | 'attemptTimeoutMs'>

/**
 * Why a run may not call the provider at all: it asked to be left alone for longer than the run lasts, or its minute is
 * used up for as long, its breaker is open, or its allowance is used up. Pure.
 */
export function checkBlocked(
  state: UpstreamState,
  { owner, deadline, countsForBreaker, forOperator, secretVersion }: Caller,
  { title, limits }: UpstreamPolicy,
  now: number,
): Blocked | undefined {
  const coolDown = activeCoolDown(state, secretVersion, now)
  if (coolDown && coolDown.until > deadline) {
    return coolingBlock(coolDown.reason, `${title} is left alone until ${isoText(coolDown.until)}`)
  }
  const full = activeUsageCoolDown(state, now)
  if (full && full.until > deadline) {
    const message = `${title} counts ${full.used} in its minute and is left alone until ${isoText(full.until)}`
    return coolingBlock('rate-limited', message)
  }
  const left = allowance(state, limits, forOperator, now)
  if (left && left.remaining < 1) {
    const kept = forOperator ? '' : ' that scheduled runs may use'
    const message = `the ${left.limit} calls a ${left.span} of ${title}${kept} are used up until ${isoText(left.resetsAt)}`
    return coolingBlock('quota-exhausted', message)
  }
  const stance = circuitState(state.breaker, owner, now)
  if (stance.state === 'open') {
    const { failures } = state.breaker
    return coolingBlock(
      'upstream-fault',
      `${title} failed ${failures} times and is left alone until ${isoText(stance.until)}`,
    )
  }
  if (stance.state === 'half-open' && !countsForBreaker) {
    return coolingBlock(
      'upstream-fault',
      `${title} failed; whether it has recovered a scheduled run finds out`,
    )
  }
  return undefined
}

/**
 * Reserves a block of calls: slots in time, connections, part of the allowance, and with an open breaker the one probe.
 * Pure: the decision holds once the returned state stands in the table.
 */
export function reserve(
  state: UpstreamState,
  ask: ReservationRequest,
  policy: UpstreamPolicy,
  now: number,
): Decision {
  const { owner, deadline, calls, unused } = ask
  const { limits } = policy
  const known: UpstreamState = {
    ...state,
    ...countCalls(state, limits, -unused, now),
    breaker: ask.probeSignal
      ? nextBreaker(state.breaker, owner, ask.probeSignal, policy.breaker, now)
      : state.breaker,
  }
  const refused = checkBlocked(known, ask, policy, now)
  if (refused) return refused

  const { [owner]: _mine, ...others } = activeConnections(state.connections, now)
  const connections = connectionShare(others, ask.connections, limits.concurrency)
  if (connections === 0)
    return { status: 'wait', state: { ...known, connections: { ...others, [owner]: waitEntry(now) } } }

  const isProbe = known.breaker.openUntil !== undefined
  const from = Math.max(
    now,
    activeCoolDown(state, ask.secretVersion, now)?.until ?? now,
    activeUsageCoolDown(state, now)?.until ?? now,
  )
  const left = allowance(known, limits, ask.forOperator, now)?.remaining ?? calls
  const most = isProbe ? 1 : Math.min(calls, left)
  const slots = slotsFrom(state.due, from, most, limits).slots.filter(
    (slot, index) => index === 0 || slot <= deadline,
  )
  const { due } = slotsFrom(state.due, from, slots.length, limits)
  const last = slots.at(-1) ?? from
  if (last > deadline) {
    const wait = durationText(Math.ceil((last - now) / 1_000) * 1_000)
    const message = `the next call to ${policy.title} would be due in ${wait}, after the run's deadline`
    return { status: 'refused', skip: 'upstream-busy', reason: 'timeout', message }
  }
  const until = last + GRACE_MS + SKEW_MS + policy.attemptTimeoutMs
  return {
    status: 'granted',
    slots,
    connections,
    isProbe,
    isSerial: isProbe || state.coolDown !== undefined,
    state: {
      ...known,
      ...countCalls(known, limits, slots.length, now),
      due,
      connections: { ...others, [owner]: { max: Math.max(connections, ask.inFlight), until } },
      ...(isProbe ? { breaker: { ...known.breaker, probe: { owner, until } } } : {}),
    },
  }
}

function coolingBlock(reason: FailReason, message: string): Blocked {
  return { status: 'refused', skip: 'upstream-cooling', reason, message }
}

function isoText(ms: number): string {
  return new Date(ms).toISOString()
}

/**
 * The state after a run: its connections are free, what it did not call counts no more, and how the provider did
 * counts for the breaker, where the asker is one to judge. A provider that served something after a wait has forgiven.
 * Pure.
 *
 * @param verdict - `undefined`: no call was made
 */
export function settle(
  state: UpstreamState,
  { owner, countsForBreaker, secretVersion }: Caller,
  { unused, verdict }: { readonly unused: number; readonly verdict: BreakerSignal | undefined },
  { limits, breaker }: Pick<Upstream, 'limits' | 'breaker'>,
  now: number,
): UpstreamState {
  const { [owner]: _mine, ...connections } = state.connections
  const { coolDown, usageCoolDown: _past, ...rest } = state
  const isForgiven = verdict === 'served' && !activeCoolDown(state, secretVersion, now)
  const usageCoolDown = activeUsageCoolDown(state, now)
  return {
    ...rest,
    ...(coolDown && !isForgiven ? { coolDown } : {}),
    ...(usageCoolDown ? { usageCoolDown } : {}),
    ...countCalls(state, limits, -unused, now),
    connections,
    breaker: countsForBreaker ? nextBreaker(state.breaker, owner, verdict, breaker, now) : state.breaker,
  }
}

type Connections = UpstreamState['connections']

/** A run that waits for connections is counted for so long. */
const WAIT_ENTRY_MS = 5_000

/** What runs may have open, without those whose last call has ended long since. */
export function activeConnections(connections: Connections, now: number): Connections {
  return Object.fromEntries(Object.entries(connections).filter(([, { until }]) => until > now))
}

/**
 * How many connections a run may open: what the others leave; while another run waits for any, its even share.
 *
 * @param wanted - what it could use
 * @param limit - of the provider, all runs together
 */
export function connectionShare(others: Connections, wanted: number, limit: number): number {
  const held = Object.values(others)
  const left = limit - held.reduce((sum, { max }) => sum + max, 0)
  const even = Math.max(1, Math.floor(limit / (held.length + 1)))
  const isAwaited = held.some(({ max }) => max === 0)
  return Math.max(0, Math.min(wanted, left, isAwaited ? even : left))
}

/** The entry of a run that waits. */
export function waitEntry(now: number) {
  return { max: 0, until: now + WAIT_ENTRY_MS }
}
