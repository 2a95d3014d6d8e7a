import type { UsagePolicy } from '#shared/declare/upstream.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import type { UpstreamState, UsageCoolDown } from '#shared/domain/records/upstream-state.ts'
import { SKEW_MS } from './pace.ts'

const USAGE_WINDOW_MS = 60_000

/** What an answer tells of the provider's own count of its running minute. */
export interface Usage {
  readonly used: number
  /** From the declared share of the limit on: until when nobody is to call. */
  readonly coolDown?: UsageCoolDown
}

/**
 * Reads the provider's own count out of an answer; `undefined` where none is declared, or the answer has none that can
 * be read. It is of the minute in which the call was made: when the answer comes in a later one, that is past already.
 *
 * @param madeAt - when the call was made; milliseconds since the epoch
 */
export function usageOf(
  headers: HttpResponse['headers'],
  policy: UsagePolicy | undefined,
  madeAt: number,
): Usage | undefined {
  const text = policy && headers[policy.header]
  if (!policy || text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  const used = Number(text)
  if (used < policy.share * policy.limit) return { used }
  // the provider's clock may be behind ours
  const until = (Math.floor(madeAt / USAGE_WINDOW_MS) + 1) * USAGE_WINDOW_MS + SKEW_MS
  return { used, coolDown: { until, used } }
}

/** The full minute that binds everybody now, if there is one. */
export function activeUsageCoolDown(
  { usageCoolDown }: Pick<UpstreamState, 'usageCoolDown'>,
  now: number,
): UsageCoolDown | undefined {
  return usageCoolDown && usageCoolDown.until > now ? usageCoolDown : undefined
}

/** The state with a full minute in it; `undefined` when it knows of that one, or a later one, already. */
export function withUsageCoolDown(
  state: UpstreamState,
  usageCoolDown: UsageCoolDown,
): UpstreamState | undefined {
  if (state.usageCoolDown && state.usageCoolDown.until >= usageCoolDown.until) return undefined
  return { ...state, usageCoolDown }
}
