import { instantOf, isCalendarDate } from '#shared/domain/time.ts'
import { CHECK_IN_ZONE } from './vocabulary.ts'

const TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?)?(?:(Z)|([+-])(0\d|1[0-4]):?([0-5]\d))?$/

/**
 * A time as the provider writes it, in milliseconds since the epoch: ISO 8601, also with an offset without a colon, with a
 * space for the `T`, without seconds or as a day. Without an offset it is that of Shanghai.
 *
 * @returns `undefined` for any other text
 * @example parseCheckInTime('2025-01-15T08:30:00.000+0800') // that of 2025-01-15T00:30:00Z
 */
export function parseCheckInTime(text: string): number | undefined {
  const match = TIME.exec(text.trim())
  if (!match) return undefined
  const [, date, hours = '0', minutes = '0', seconds = '0', fraction = '', utc, sign, ...offset] = match
  if (!isCalendarDate(date)) return undefined
  const secondsOfDay = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  const local = Date.parse(date) + secondsOfDay * 1_000 + Number(fraction.slice(0, 3).padEnd(3, '0'))
  if (utc !== undefined) return local
  if (sign === undefined) return instantOf(CHECK_IN_ZONE, local)
  const [offsetHours, offsetMinutes] = offset
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000
  return sign === '-' ? local + offsetMs : local - offsetMs
}

const EARLIEST = Date.UTC(2015)
const YEARS_AHEAD = 10

/** Whether a time can be that of a project: from 2015 on, and at most ten years ahead. All in milliseconds since the epoch. */
export function isPlausibleTime(at: number, now: number): boolean {
  const latest = new Date(now)
  latest.setUTCFullYear(latest.getUTCFullYear() + YEARS_AHEAD)
  return at >= EARLIEST && at <= latest.getTime()
}
