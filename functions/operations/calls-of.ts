import type { Upstream } from '#shared/declare/upstream.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { allowance } from '#shared/engine/rate-limit/quota.ts'
import { isoOrNull } from './instant.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Calls of a provider's running day or month, and how many it will be at its end if they go on like this; `null` where
 * the provider limits none, because none are counted then. The first hour counts as a whole one.
 */
export function quotaUsage(span: 'day' | 'month', { limits }: Upstream, state: UpstreamState, now: number) {
  const { perDay: _day, perMonth: _month, ...others } = limits
  const limit = span === 'day' ? limits.perDay : limits.perMonth
  if (limit === undefined) return null
  const only = { ...others, ...(span === 'day' ? { perDay: limit } : { perMonth: limit }) }
  const left = allowance(state, only, true, now)
  if (!left) return null
  // an allowance that is used up does not tell by how much
  const used = left.remaining > 0 ? Math.floor(limit) - left.remaining : (state[span]?.calls ?? limit)
  const elapsed = Math.max(HOUR_MS, now - spanStart(span, left.resetsAt))
  const forecast = Math.round(used + (used / elapsed) * Math.max(0, left.resetsAt - now))
  return { used, limit, resets_at: isoOrNull(left.resetsAt), forecast, is_exceeding: forecast > limit }
}

/** Of the span that ends then, give or take the hour by which a zone changes its clocks. */
function spanStart(span: 'day' | 'month', end: number): number {
  if (span === 'day') return end - DAY_MS
  const last = new Date(end - DAY_MS / 2)
  const days = new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 0)).getUTCDate()
  return end - days * DAY_MS
}
