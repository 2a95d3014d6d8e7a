import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { isoText, localDate, offsetAt } from '#shared/domain/time.ts'

const NEW_YORK = 'America/New_York'

/** A session of New York is finished at 16:30 local time, half an hour after the close. */
const FINISHED_AFTER_MS = 16 * HOUR_MS + 30 * MINUTE_MS

/** A newest bar that is more weekdays old than this belongs to a delisted or renamed symbol. */
const MAX_WEEKDAYS_BEHIND = 7

const WEEKDAYS = 5
const WEEK = 7

/** The Unix epoch began on a Thursday, three days after a Monday. */
const EPOCH_AFTER_MONDAY = 3

/** The date of a moment in New York, `YYYY-MM-DD`. */
export function newYorkDate(atMs: number): string {
  return localDate(NEW_YORK, atMs)
}

/** Milliseconds since midnight in New York, as its clocks show. */
export function newYorkTimeOfDay(atMs: number): number {
  return (atMs + offsetAt(NEW_YORK, atMs)) % DAY_MS
}

/**
 * The newest weekday whose 16:30 in New York has passed, `YYYY-MM-DD`. It knows no holidays.
 *
 * @param nowMs - milliseconds since the epoch
 */
export function lastFinishedSession(nowMs: number): string {
  const local = nowMs + offsetAt(NEW_YORK, nowMs)
  let day = Math.floor((local - FINISHED_AFTER_MS) / DAY_MS)
  while (weekdayOf(day) >= WEEKDAYS) day -= 1
  return dateOf(day * DAY_MS)
}

/** The number of weekdays after one date, up to and including another one; 0 if that is not later. Dates: `YYYY-MM-DD`. */
export function weekdaysBetween(from: string, to: string): number {
  return Math.max(0, weekdaysUntil(to) - weekdaysUntil(from))
}

/**
 * Whether the newest bar is at most 7 weekdays older than the last finished session. If not, the symbol was delisted or
 * renamed: reason `no_recent_bar`.
 */
export function isRecentBar(date: string, lastFinished: string): boolean {
  return weekdaysBetween(date, lastFinished) <= MAX_WEEKDAYS_BEHIND
}

function dateOf(atMs: number): string {
  return isoText(atMs).slice(0, 10)
}

/** 0 for a Monday to 6 for a Sunday. */
function weekdayOf(day: number): number {
  return (((day + EPOCH_AFTER_MONDAY) % WEEK) + WEEK) % WEEK
}

/** Weekdays from a fixed Monday up to and including a date. */
function weekdaysUntil(date: string): number {
  const day = Date.parse(date) / DAY_MS
  const weeks = Math.floor((day + EPOCH_AFTER_MONDAY) / WEEK)
  return weeks * WEEKDAYS + Math.min(weekdayOf(day) + 1, WEEKDAYS)
}
