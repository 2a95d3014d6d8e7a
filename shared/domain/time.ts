import { DAY_MS, HOUR_MS } from './duration.ts'

const WEEK_MS = 7 * 24 * HOUR_MS
/** Largest step by which a zone turned its clocks back in this century: Antarctica/Casey, several times. */
const LARGEST_OVERLAP_MS = 3 * HOUR_MS

/** A moment at which a zone's clocks jump, with the offsets from UTC (ms, east positive) on both sides of it. */
export interface ClockChange {
  readonly at: number
  readonly before: number
  readonly after: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** A zone's offset from UTC at an epoch time, in ms, east positive: -14400000 in New York in summer. */
export function offsetAt(zone: string, at: number): number {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    formats.set(zone, format)
  }
  const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(at))
  if (!match) return 0
  const seconds = Number(match[2]) * 3_600 + Number(match[3]) * 60 + Number(match[4] ?? 0)
  return (match[1] === '-' ? -1 : 1) * seconds * 1_000
}

/**
 * Every change of a zone's clocks after `from` and up to `until` (epoch ms), oldest first, to the second.
 * Does not detect two changes within one week that cancel each other.
 */
export function clockChanges(zone: string, from: number, until: number): ClockChange[] {
  const changes: ClockChange[] = []
  for (let start = from; start < until; start += WEEK_MS) {
    const end = Math.min(start + WEEK_MS, until)
    const before = offsetAt(zone, start)
    const after = offsetAt(zone, end)
    if (before !== after) changes.push({ at: firstSecondOf(zone, before, start, end), before, after })
  }
  return changes
}

/** Whether the wall clock of a zone shows this minute for the second time, in an autumn overlap. */
export function isRepeatedLocalTime(zone: string, at: number): boolean {
  const offset = offsetAt(zone, at)
  const overlap = offsetAt(zone, at - LARGEST_OVERLAP_MS) - offset
  return overlap > 0 && offsetAt(zone, at - overlap) - offset === overlap
}

function firstSecondOf(zone: string, before: number, start: number, end: number): number {
  let low = Math.floor(start / 1_000)
  let high = Math.floor(end / 1_000)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(zone, middle * 1_000) === before) low = middle
    else high = middle
  }
  return high * 1_000
}

/** Whether a value is a day of the calendar of these centuries, as `2026-11-28`. */
export function isCalendarDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^(?:19|20|21)\d\d-\d\d-\d\d$/.test(value)) return false
  const at = Date.parse(`${value}T00:00:00Z`)
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(value)
}

/** The date in a zone at an epoch time: `2026-11-28`. */
export function localDate(zone: string, at: number): string {
  return new Date(at + offsetAt(zone, at)).toISOString().slice(0, 10)
}

/** The local time of a zone at an epoch time, in whole seconds: `2026-11-28 09:30:00`. */
export function localText(zone: string, at: number): string {
  return new Date(at).toLocaleString('sv-SE', { timeZone: zone })
}

/** The epoch time of a zone's local time, which is passed as if it were UTC. */
export function instantOf(zone: string, local: number): number {
  return local - offsetAt(zone, local - offsetAt(zone, local))
}

/** The next midnight of a zone after an epoch time. */
export function nextMidnight(zone: string, at: number): number {
  return instantOf(zone, Math.floor((at + offsetAt(zone, at)) / DAY_MS + 1) * DAY_MS)
}

/** ISO 8601 in UTC, whole seconds: `2025-10-11T07:40:48Z`. */
export function isoSeconds(ms: number): string {
  return `${new Date(Math.floor(ms / 1_000) * 1_000).toISOString().slice(0, 19)}Z`
}

/** ISO 8601 in UTC with milliseconds: `2025-10-11T07:40:48.120Z`. */
export function isoText(ms: number): string {
  return new Date(ms).toISOString()
}
