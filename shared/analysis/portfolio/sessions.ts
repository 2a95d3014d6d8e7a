import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { isoText, offsetAt } from '#shared/domain/time.ts'

const NEW_YORK = 'America/New_York'

/** A session of New York is finished at 16:30 local time, half an hour after the close. */
const FINISHED_AFTER_MS = 16 * HOUR_MS + 30 * MINUTE_MS

/** A bar is final this long after its exchange closed. */
const FINAL_AFTER_CLOSE_MS = 30 * MINUTE_MS

/** A newest bar that is more weekdays old than this belongs to a delisted or renamed symbol. */
const MAX_WEEKDAYS_BEHIND = 7

const WEEKDAYS = 5
const WEEK = 7

/** The Unix epoch began on a Thursday, three days after a Monday. */
const EPOCH_AFTER_MONDAY = 3

/** Where an exchange is. Its zone by name, with full rules; the offset (ms, east positive) if the name is not usable. */
export interface ExchangeClock {
  readonly zone: string | null
  readonly offsetMs: number
}

/** Whether a text is a day of the calendar as `YYYY-MM-DD`. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const at = Date.parse(text)
  return Number.isFinite(at) && dateOf(at) === text
}

/**
 * The date of a moment on an exchange's clock, `YYYY-MM-DD`: that of a bar by its timestamp.
 *
 * @param atMs - milliseconds since the epoch
 * @param clock - an unknown or missing zone is replaced by the offset, which holds for one season only
 */
export function localDate(atMs: number, { zone, offsetMs }: ExchangeClock): string {
  return dateOf(atMs + (zoneOffset(zone, atMs) ?? offsetMs))
}

/** The date of a moment in New York, `YYYY-MM-DD`. */
export function newYorkDate(atMs: number): string {
  return dateOf(atMs + offsetAt(NEW_YORK, atMs))
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

/**
 * The newest date whose bar is final on an exchange that publishes its trading hours: today from 30 minutes after the end
 * of the regular session, else the day before.
 *
 * @param nowMs - milliseconds since the epoch
 * @param regularEndMs - end of the current regular session, milliseconds since the epoch
 */
export function lastFinalDate(nowMs: number, clock: ExchangeClock, regularEndMs: number): string {
  const today = localDate(nowMs, clock)
  const isFinal = nowMs >= regularEndMs + FINAL_AFTER_CLOSE_MS && localDate(regularEndMs, clock) === today
  return isFinal ? today : dateOf(Date.parse(today) - DAY_MS)
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

function zoneOffset(zone: string | null, atMs: number): number | null {
  if (zone === null) return null
  try {
    return offsetAt(zone, atMs)
  } catch (error) {
    // Intl refuses the name of an unknown zone
    if (error instanceof RangeError) return null
    throw error
  }
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
