import type { Upstream } from '#shared/declare/upstream.ts'
import { durationText } from '#shared/domain/duration.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { SkipReason } from '#shared/domain/outcome.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { concluded, stanceOf, type Verdict } from './breaker.ts'
import { living, shareOf, waiting } from './connections.ts'
import { bindingCoolDown } from './cool-down.ts'
import { bindingFullMinute } from './full-minute.ts'
import { GRACE_MS, SKEW_MS, slotsFrom } from './pace.ts'
import { allowance, counted } from './quota.ts'

/** Who asks the provider's budget for something. Times are milliseconds since the epoch. */
export interface Asker {
  readonly owner: string
  /** No call begins later. */
  readonly latest: number
  /** What it meets counts for the breaker, and it may probe. */
  readonly judges: boolean
  /** May use what is kept back from scheduled runs. */
  readonly forOperator: boolean
  /** Of the secret that its calls would carry. */
  readonly secretVersion?: string
}

/** What a run asks for at once. */
export interface Ask extends Asker {
  /** Calls still to make. */
  readonly calls: number
  /** Calls that it could have under way at once. */
  readonly connections: number
  /** Calls that are under way. */
  readonly underWay: number
  /** Calls granted before and not made. */
  readonly unused: number
  /** What its probe has told, if it was the one to probe. */
  readonly probed?: Verdict
}

/** Why a run may not call: as its outcome when it has not called yet, else as its failure. */
export interface Refusal {
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
  readonly isCareful: boolean
}

type Decision =
  | (Grant & { readonly state: UpstreamState })
  | Refusal
  | { readonly status: 'wait'; readonly state: UpstreamState }

type Policy = Pick<Upstream, 'title' | 'limits' | 'breaker' | 'attemptTimeoutMs'>

/**
 * Why a run may not call the provider at all: it asked to be left alone for longer than the run lasts, or its minute is
 * used up for as long, its breaker is open, or its allowance is used up. Pure.
 */
export function refusal(
  state: UpstreamState,
  { owner, latest, judges, forOperator, secretVersion }: Asker,
  { title, limits }: Policy,
  now: number,
): Refusal | undefined {
  const coolDown = bindingCoolDown(state, secretVersion, now)
  if (coolDown && coolDown.until > latest) {
    return cooling(coolDown.reason, `${title} is left alone until ${iso(coolDown.until)}`)
  }
  const full = bindingFullMinute(state, now)
  if (full && full.until > latest) {
    const message = `${title} counts ${full.used} in its minute and is left alone until ${iso(full.until)}`
    return cooling('rate-limited', message)
  }
  const left = allowance(state, limits, forOperator, now)
  if (left && left.left < 1) {
    const kept = forOperator ? '' : ' that scheduled runs may use'
    const message = `the ${left.of} calls a ${left.span} of ${title}${kept} are used up until ${iso(left.resetsAt)}`
    return cooling('quota-exhausted', message)
  }
  const stance = stanceOf(state.breaker, owner, now)
  if (stance.stance === 'open') {
    const { failures } = state.breaker
    return cooling(
      'upstream-fault',
      `${title} failed ${failures} times and is left alone until ${iso(stance.until)}`,
    )
  }
  if (stance.stance === 'half-open' && !judges) {
    return cooling('upstream-fault', `${title} failed; whether it has recovered a scheduled run finds out`)
  }
  return undefined
}

/**
 * Reserves a block of calls: slots in time, connections, part of the allowance, and with an open breaker the one probe.
 * Pure: the decision holds once the returned state stands in the table.
 */
export function reserve(state: UpstreamState, ask: Ask, policy: Policy, now: number): Decision {
  const { owner, latest, calls, unused } = ask
  const { limits } = policy
  const known: UpstreamState = {
    ...state,
    ...counted(state, limits, -unused, now),
    breaker: ask.probed ? concluded(state.breaker, owner, ask.probed, policy.breaker, now) : state.breaker,
  }
  const refused = refusal(known, ask, policy, now)
  if (refused) return refused

  const { [owner]: _mine, ...others } = living(state.connections, now)
  const connections = shareOf(others, ask.connections, limits.concurrency)
  if (connections === 0)
    return { status: 'wait', state: { ...known, connections: { ...others, [owner]: waiting(now) } } }

  const isProbe = known.breaker.openUntil !== undefined
  const from = Math.max(
    now,
    bindingCoolDown(state, ask.secretVersion, now)?.until ?? now,
    bindingFullMinute(state, now)?.until ?? now,
  )
  const left = allowance(known, limits, ask.forOperator, now)?.left ?? calls
  const most = isProbe ? 1 : Math.min(calls, left)
  const slots = slotsFrom(state.due, from, most, limits).slots.filter(
    (slot, index) => index === 0 || slot <= latest,
  )
  const { due } = slotsFrom(state.due, from, slots.length, limits)
  const last = slots.at(-1) ?? from
  if (last > latest) {
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
    isCareful: isProbe || state.coolDown !== undefined,
    state: {
      ...known,
      ...counted(known, limits, slots.length, now),
      due,
      connections: { ...others, [owner]: { most: Math.max(connections, ask.underWay), until } },
      ...(isProbe ? { breaker: { ...known.breaker, probe: { owner, until } } } : {}),
    },
  }
}

function cooling(reason: FailReason, message: string): Refusal {
  return { status: 'refused', skip: 'upstream-cooling', reason, message }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
