import type { UsagePolicy } from '#shared/declare/upstream.ts'
import type { HttpAnswer } from '#shared/domain/ports/http.ts'
import type { FullMinute, UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { SKEW_MS } from './pace.ts'

const MINUTE_MS = 60_000

/** What an answer tells of the provider's own count of its running minute. */
export interface Usage {
  readonly used: number
  /** From the declared share of the limit on: until when nobody is to call. */
  readonly full?: FullMinute
}

/**
 * Reads the provider's own count out of an answer; `undefined` where none is declared, or the answer has none that can
 * be read. It is of the minute in which the call was made: when the answer comes in a later one, that is past already.
 *
 * @param madeAt - when the call was made; milliseconds since the epoch
 */
export function usageOf(
  headers: HttpAnswer['headers'],
  policy: UsagePolicy | undefined,
  madeAt: number,
): Usage | undefined {
  const text = policy && headers[policy.header]
  if (!policy || text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  const used = Number(text)
  if (used < policy.share * policy.limit) return { used }
  // the provider's clock may be behind ours
  const until = (Math.floor(madeAt / MINUTE_MS) + 1) * MINUTE_MS + SKEW_MS
  return { used, full: { until, used } }
}

/** The full minute that binds everybody now, if there is one. */
export function bindingFullMinute(
  { fullMinute }: Pick<UpstreamState, 'fullMinute'>,
  now: number,
): FullMinute | undefined {
  return fullMinute && fullMinute.until > now ? fullMinute : undefined
}

/** The state with a full minute in it; `undefined` when it knows of that one, or a later one, already. */
export function withFullMinute(state: UpstreamState, fullMinute: FullMinute): UpstreamState | undefined {
  if (state.fullMinute && state.fullMinute.until >= fullMinute.until) return undefined
  return { ...state, fullMinute }
}
