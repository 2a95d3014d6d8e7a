import type { Upstream } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import { durationText } from '#shared/domain/duration.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { type Blocked, busy, type Caller, checkBlocked } from './blocked.ts'
import { type BreakerSignal, nextBreaker } from './circuit-breaker.ts'
import { activeCoolDown, activeUsageCoolDown } from './cool-down.ts'
import { GRACE_MS, SKEW_MS, slotsFrom } from './pacing.ts'
import { allowance, countCalls } from './quota.ts'

/** A run's request for a block of calls. */
export interface ReservationRequest extends Caller {
  /** Number of calls that remain to be made. */
  readonly calls: number
  /** Maximum number of calls at the same time. */
  readonly connections: number
  /** Number of calls under way. */
  readonly inFlight: number
  /** Number of reserved calls that were not made. */
  readonly unused: number
  /** Result of the run's probe, if it has made one. */
  readonly probeSignal?: BreakerSignal
}

export interface Grant {
  readonly status: 'granted'
  /** Times from which on one call each may start, for a second each. */
  readonly slots: readonly number[]
  readonly connections: number
  /** The first call decides whether there are more. */
  readonly isProbe: boolean
  /** One call at a time until one succeeds, because the provider refused calls before. */
  readonly isSerial: boolean
}

type Decision =
  | (Grant & { readonly state: UpstreamState })
  | Blocked
  /** Without a state, the stored one already says that the run waits. */
  | { readonly status: 'wait'; readonly state?: UpstreamState }

type UpstreamPolicy = Pick<Upstream, 'title' | 'off' | 'limits' | 'breaker' | 'attemptTimeoutMs'>

/**
 * Reserves a block of calls: slots in time, connections, part of the allowance, and with an open breaker the one probe
 * (I6, I7). Pure: the reservation is valid once the returned state is stored.
 */
export function reserve(
  state: UpstreamState,
  request: ReservationRequest,
  policy: UpstreamPolicy,
  now: number,
): Decision {
  const { owner, probeSignal } = request
  const { limits } = policy
  const current: UpstreamState = {
    ...state,
    ...countCalls(state, limits, -request.unused, now),
    breaker: probeSignal
      ? nextBreaker(state.breaker, owner, probeSignal, policy.breaker, now)
      : state.breaker,
  }
  const blocked = checkBlocked(current, request, policy, now)
  if (blocked) return blocked

  const { [owner]: own, ...others } = activeConnections(state.connections, now)
  const connections = connectionShare(others, request, limits.concurrency)
  if (connections === 0) {
    const isStored = own?.max === 0 && own.until > now + WAIT_ENTRY_MS / 2
    if (isStored && request.unused === 0 && !probeSignal) return { status: 'wait' }
    const entry = waitEntry(request, now)
    return { status: 'wait', state: { ...current, connections: { ...others, [owner]: entry } } }
  }

  const isProbe = current.breaker.openUntil !== undefined
  const { slots, due, last } = reserveSlots(current, request, limits, isProbe ? 1 : request.calls, now)
  if (last > request.deadline) {
    const wait = durationText(Math.ceil((last - now) / 1_000) * 1_000)
    return busy(`the next call to ${policy.title} would be due in ${wait}, after the run's deadline`)
  }
  const until = last + GRACE_MS + SKEW_MS + policy.attemptTimeoutMs
  return {
    status: 'granted',
    slots,
    connections,
    isProbe,
    isSerial: isProbe || state.coolDown !== undefined,
    state: {
      ...current,
      ...countCalls(current, limits, slots.length, now),
      due,
      connections: { ...others, [owner]: { max: Math.max(connections, request.inFlight), until } },
      ...(isProbe ? { breaker: { ...current.breaker, probe: { owner, until } } } : {}),
    },
  }
}

/** At most `max` slots within the allowance and before the deadline, but always one: `last` may be too late. */
function reserveSlots(
  state: UpstreamState,
  { forOperator, deadline, secretVersion }: ReservationRequest,
  limits: Upstream['limits'],
  max: number,
  now: number,
) {
  const from = Math.max(
    now,
    activeCoolDown(state, secretVersion, now)?.until ?? now,
    activeUsageCoolDown(state, now)?.until ?? now,
  )
  const remaining = allowance(state, limits, forOperator, now)?.remaining ?? max
  const slots = slotsFrom(state.due, from, Math.min(max, remaining), limits).slots.filter(
    (slot, index) => index === 0 || slot <= deadline,
  )
  return { slots, due: slotsFrom(state.due, from, slots.length, limits).due, last: slots.at(-1) ?? from }
}

/**
 * The state after a run: its connections are free, unused calls are returned, and its signal counts for the breaker
 * where the caller counts for it. A call that succeeds after a cool-down removes that cool-down.
 *
 * @param end - `signal` is `undefined` when the run made no call
 */
export function settle(
  state: UpstreamState,
  { owner, countsForBreaker, secretVersion }: Caller,
  { unused, signal }: { readonly unused: number; readonly signal: BreakerSignal | undefined },
  { limits, breaker }: Pick<Upstream, 'limits' | 'breaker'>,
  now: number,
): UpstreamState {
  const { [owner]: _own, ...connections } = state.connections
  const { coolDown, usageCoolDown: _past, ...rest } = state
  const hasRecovered = signal === 'success' && !activeCoolDown(state, secretVersion, now)
  return {
    ...rest,
    ...defined({
      coolDown: hasRecovered ? undefined : coolDown,
      usageCoolDown: activeUsageCoolDown(state, now),
    }),
    ...countCalls(state, limits, -unused, now),
    connections,
    breaker: countsForBreaker ? nextBreaker(state.breaker, owner, signal, breaker, now) : state.breaker,
  }
}

type Connections = UpstreamState['connections']

/** For how long a run that waits for connections is counted. */
const WAIT_ENTRY_MS = 5_000

/** The connections of runs, without expired ones. */
export function activeConnections(connections: Connections, now: number): Connections {
  return Object.fromEntries(Object.entries(connections).filter(([, { until }]) => until > now))
}

/**
 * How many connections a run may open: what the others leave; while another run waits for some, at most an even share. A
 * run that a reader or an operator waits for comes first: other runs leave it a connection between two blocks of calls.
 *
 * @param request - `connections` is what the run can use
 * @param limit - of the provider, all runs together
 * @returns 0 when the run has to wait
 */
export function connectionShare(
  others: Connections,
  {
    connections,
    isInteractive,
    inFlight,
  }: Pick<ReservationRequest, 'connections' | 'isInteractive' | 'inFlight'>,
  limit: number,
): number {
  const runs = Object.values(others)
  const waiting = runs.filter(({ max }) => max === 0)
  const ahead = isInteractive ? [] : waiting.filter((run) => run.isInteractive)
  const available = limit - runs.reduce((sum, { max }) => sum + max, 0) - ahead.length
  const evenShare = Math.max(1, Math.floor(limit / (runs.length + 1)))
  const share = Math.min(connections, available, waiting.length > 0 ? evenShare : available)
  return Math.max(inFlight > 0 ? 1 : 0, share)
}

/** The entry of a run that waits for connections. */
function waitEntry({ isInteractive }: Caller, now: number) {
  return { max: 0, until: now + WAIT_ENTRY_MS, ...(isInteractive ? { isInteractive } : {}) }
}
