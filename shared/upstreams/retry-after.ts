import { DAY_MS, HOUR_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { parseHttpDate } from '#shared/domain/http-date.ts'

/** A longer wait is shortened to this one. */
const MAX_WAIT_MS = 72 * HOUR_MS

/** A larger number is a moment, not a delay. */
const MAX_DELAY_S = (10 * DAY_MS) / SECOND_MS

/** A moment in epoch seconds or milliseconds that is longer past is no moment either: it is a number without a meaning. */
const MAX_AGE_MS = DAY_MS

/**
 * Milliseconds of a `Retry-After` header, clamped to 0…72 h: whole seconds, an HTTP date in any of its three forms, or,
 * as some providers send it, a moment in epoch seconds or milliseconds. 0 when the moment is past.
 *
 * @param now - milliseconds since the epoch
 * @returns `undefined` for a missing header and for any other text, such as decimals or two values joined by a comma
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^-\d{1,12}$/.test(text)) return 0
  if (/^\d{1,13}$/.test(text)) return numberWait(Number(text), now)
  const date = parseHttpDate(text, now)
  return date === undefined ? undefined : waitUntil(date, now)
}

function numberWait(value: number, now: number): number | undefined {
  if (value <= MAX_DELAY_S) return clamp(value * SECOND_MS)
  const at = value < 1e11 ? value * SECOND_MS : value
  return at < now - MAX_AGE_MS ? undefined : waitUntil(at, now)
}

/** Milliseconds until a time (epoch ms), clamped to 0…72 h. */
export function waitUntil(at: number, now: number): number {
  return clamp(at - now)
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_WAIT_MS)
}
