import type { UsagePolicy } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { FailReason, RefreshError } from '#shared/domain/errors.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import type { CoolDown, UpstreamState, UsageCoolDown } from '#shared/domain/records/upstream-state.ts'
import { SKEW_MS } from './pacing.ts'

/** A cool-down that we choose is at most this long, unless its reason has a longer one. */
const MAX_BACKOFF_MS = HOUR_MS

/** Cool-downs by reason, for a provider that refuses every call and neither it nor its declaration states a wait. */
const BACKOFF_MS: Partial<Record<FailReason, number>> = {
  'rate-limited': 15 * MINUTE_MS,
  refused: 15 * MINUTE_MS,
  auth: HOUR_MS,
  'forbidden-region': 6 * HOUR_MS,
}

/**
 * The cool-down that follows from a failure; `undefined` when there is none. Its length is stated by the provider, but
 * for a refusal at least the chosen one, else chosen: twice the previous one when that ended less than its own length ago, up to an hour. An exhausted quota cools
 * down until the next UTC midnight.
 */
export function coolDownAfter(
  error: RefreshError,
  previous: CoolDown | undefined,
  secretVersion: string | undefined,
  now: number,
): CoolDown | undefined {
  const { reason, scope, retryAfterMs } = error
  const start = {
    ...coolDownStart(error, now),
    ...defined({ secretVersion: reason === 'auth' ? secretVersion : undefined }),
  }
  const firstMs = error.coolDownMs ?? BACKOFF_MS[reason]
  if (retryAfterMs !== undefined) {
    const isRefusal = scope === 'provider' && reason !== 'rate-limited'
    const minimumMs = isRefusal ? (firstMs ?? 0) : 0
    return { until: now + Math.max(retryAfterMs, minimumMs), ...start }
  }
  if (scope !== 'provider') return undefined
  if (reason === 'quota-exhausted') return { until: Math.floor(now / DAY_MS + 1) * DAY_MS, ...start }
  if (firstMs === undefined) return undefined
  const isRepeated =
    previous?.backoffMs !== undefined &&
    previous.reason === reason &&
    now < previous.until + previous.backoffMs
  const doubledMs = isRepeated ? Math.min((previous.backoffMs ?? firstMs) * 2, MAX_BACKOFF_MS) : firstMs
  const backoffMs = Math.max(firstMs, doubledMs)
  return { until: now + backoffMs, backoffMs, ...start }
}

const MAX_MESSAGE_LENGTH = 200

/** Why and when a cool-down starts, as operators read it. */
export function coolDownStart(
  { reason, message }: Pick<RefreshError, 'reason' | 'message'>,
  now: number,
): Pick<CoolDown, 'reason' | 'since' | 'message'> {
  return { reason, since: now, message: message.slice(0, MAX_MESSAGE_LENGTH).toWellFormed() }
}

/** The state with a cool-down; `undefined` when it already has one that ends as late. */
export function withCoolDown(state: UpstreamState, coolDown: CoolDown): UpstreamState | undefined {
  if (state.coolDown && state.coolDown.until >= coolDown.until) return undefined
  return { ...state, coolDown }
}

/** The cool-down that applies to a run; the refusal of a secret does not apply to a newer version of it. */
export function activeCoolDown(
  { coolDown }: Pick<UpstreamState, 'coolDown'>,
  secretVersion: string | undefined,
  now: number,
): CoolDown | undefined {
  if (!coolDown || coolDown.until <= now) return undefined
  const hasNewSecret =
    coolDown.secretVersion !== undefined &&
    secretVersion !== undefined &&
    coolDown.secretVersion !== secretVersion
  return hasNewSecret ? undefined : coolDown
}

/** The provider's own count of its current minute, as a response reports it. */
export interface Usage {
  readonly used: number
  /** Set from the declared share of the limit on. */
  readonly coolDown?: UsageCoolDown
}

/**
 * Reads the provider's own count from a response; `undefined` when none is declared or the header is not a number. The
 * count belongs to the minute in which the call was made: a response in a later minute describes a past one.
 *
 * @param sentAt - when the call was made; milliseconds since the epoch
 */
export function usageOf(
  headers: HttpResponse['headers'],
  policy: UsagePolicy | undefined,
  sentAt: number,
): Usage | undefined {
  const text = policy && headers[policy.header]
  if (!policy || text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  const used = Number(text)
  if (used < policy.share * policy.limit) return { used }
  // the provider's clock may be behind ours
  const until = (Math.floor(sentAt / MINUTE_MS) + 1) * MINUTE_MS + SKEW_MS
  return { used, coolDown: { until, used } }
}

/** The usage cool-down that applies to all runs now. */
export function activeUsageCoolDown(
  { usageCoolDown }: Pick<UpstreamState, 'usageCoolDown'>,
  now: number,
): UsageCoolDown | undefined {
  return usageCoolDown && usageCoolDown.until > now ? usageCoolDown : undefined
}

/** The state with a usage cool-down; `undefined` when it already has one that ends as late. */
export function withUsageCoolDown(
  state: UpstreamState,
  usageCoolDown: UsageCoolDown,
): UpstreamState | undefined {
  if (state.usageCoolDown && state.usageCoolDown.until >= usageCoolDown.until) return undefined
  return { ...state, usageCoolDown }
}
