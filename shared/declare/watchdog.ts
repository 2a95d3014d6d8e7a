import { MINUTE_MS } from '#shared/domain/duration.ts'
import { every } from './schedule.ts'

/** Interval of the watchdog. */
export const WATCH_PERIOD_MS = MINUTE_MS

/** The watchdog's own schedule; no job may depend on it, and it depends on no job. */
export const watchSchedule = every(WATCH_PERIOD_MS)

/** Wait before a first run that failed is requested again. */
export const FIRST_RUN_RETRY_MS = 15 * MINUTE_MS
