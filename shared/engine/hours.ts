import type { HourlyRows } from '#shared/domain/records/run-statistics.ts'

const HOUR_MS = 3_600_000

/** Clock hours that are kept: the running one and those of a day before it. */
const HOURS_STORED = 24

/**
 * Adds something to the hour in which it happened; what happened before the kept hours is left out. Pure.
 *
 * @param at - milliseconds since the epoch
 * @param none - the row of an hour in which nothing happened
 */
export function addToHour<Row>(
  hours: HourlyRows<Row> | undefined,
  at: number,
  none: Row,
  add: (row: Row) => Row,
): HourlyRows<Row> {
  const hour = Math.floor(at / HOUR_MS)
  const newest = Math.max(hour, hours?.newest ?? hour)
  const rows = [...rowsFrom(hours, newest, none)]
  const index = newest - hour
  if (index >= HOURS_STORED) return { newest, rows }
  while (rows.length <= index) rows.push(none)
  rows[index] = add(rows[index] ?? none)
  return { newest, rows: rows.slice(0, HOURS_STORED) }
}

/** The rows of the last 24 clock hours, the running one first. Hours before the first row are left out. */
export function lastHours<Row>(hours: HourlyRows<Row> | undefined, now: number, none: Row): readonly Row[] {
  return rowsFrom(hours, Math.floor(now / HOUR_MS), none)
}

/**
 * What the last sixty minutes hold of something that is counted by the clock hour: the running hour, and of the one
 * before it the share that sixty minutes still reach. A burst counts in full for at least as long as its hour lasts.
 */
export function inLastHour(running: number, before: number, now: number): number {
  return running + before * (1 - (now % HOUR_MS) / HOUR_MS)
}

function rowsFrom<Row>(hours: HourlyRows<Row> | undefined, newest: number, none: Row): readonly Row[] {
  if (!hours) return []
  const passed = Math.min(HOURS_STORED, Math.max(0, newest - hours.newest))
  return [...Array.from({ length: passed }, () => none), ...hours.rows].slice(0, HOURS_STORED)
}
