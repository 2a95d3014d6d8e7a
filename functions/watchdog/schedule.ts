import { every } from '#shared/declare/schedule.ts'

/** Interval of the watchdog. */
export const WATCH_PERIOD_MS = 60_000

/** The watchdog's own schedule; no job may depend on it, and it depends on no job. */
export const watchSchedule = every(WATCH_PERIOD_MS)
