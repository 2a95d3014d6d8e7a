import { HOUR_MS } from '../duration.ts'
import type { Counts } from '../outcome.ts'

/**
 * What a job's runs of its whole plan add up to: skipped runs and runs of one key do not count. Written with the
 * summary, by whoever holds the job's lease. Durations are milliseconds.
 */
export interface RunStatistics {
  /** Since the first run. */
  readonly total: {
    readonly runs: number
    readonly failed: number
    /** `partial` runs that lost more than half of their keys. */
    readonly mostlyFailed: number
    readonly durationMs: number
  }
  readonly hours: HourlyRows<HourStatistics>
  /** Of the last runs, the newest first. */
  readonly durations: readonly number[]
  /** Of the last two runs of several keys, the newest first: the share of them that failed. */
  readonly failedShares?: readonly number[]
  /** The newest run that failed. */
  readonly lastFailure?: { readonly at: number; readonly reason: string }
}

export type HourStatistics = readonly [runs: number, failed: number, retries: number, longestMs: number]

/** Rows of numbers a clock hour, the newest first: short as text, because they travel with every write of a state. */
export interface HourlyRows<Row> {
  /** Hours since the epoch. */
  readonly newest: number
  readonly rows: readonly Row[]
}

/** Durations that are kept: enough for the slowest of twenty to stand out. */
const MAX_DURATIONS = 40

/** Of fewer keys a single one makes too large a share. */
const MIN_KEYS = 5

const MAX_SHARES = 2

const EMPTY_HOUR: HourStatistics = [0, 0, 0, 0]

/** One run of the whole plan that was not skipped. */
export interface FinishedRun {
  /** When it ended; milliseconds since the epoch. */
  readonly at: number
  readonly durationMs: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  readonly isFailed: boolean
  readonly reason?: string
  readonly counts?: Counts
}

/** The figures with one more run in them. Pure. */
export function withRun(figures: RunStatistics | undefined, run: FinishedRun): RunStatistics {
  const { at, durationMs, retries, isFailed } = run
  const failed = isFailed ? 1 : 0
  const lastFailure = isFailed ? { at, reason: run.reason ?? 'unknown' } : figures?.lastFailure
  const failedShares = addFailedShare(figures?.failedShares, run)
  const { total } = figures ?? { total: { runs: 0, failed: 0, mostlyFailed: 0, durationMs: 0 } }
  return {
    total: {
      runs: total.runs + 1,
      failed: total.failed + failed,
      mostlyFailed: total.mostlyFailed + (isMostlyFailed(run) ? 1 : 0),
      durationMs: total.durationMs + durationMs,
    },
    hours: addToHour(figures?.hours, at, EMPTY_HOUR, ([runs, failures, again, longestMs]) => [
      runs + 1,
      failures + failed,
      again + retries,
      Math.max(longestMs, durationMs),
    ]),
    durations: [durationMs, ...(figures?.durations ?? [])].slice(0, MAX_DURATIONS),
    ...(lastFailure ? { lastFailure } : {}),
    ...(failedShares ? { failedShares } : {}),
  }
}

/** The share of its keys that each of the last two runs of several keys has lost at least; 0 before there are two. */
export function repeatedFailedShare(figures: RunStatistics | undefined): number {
  const shares = figures?.failedShares ?? []
  return shares.length < MAX_SHARES ? 0 : Math.min(...shares)
}

/** Runs that ended in the last 24 clock hours, and how many of them failed. */
export function runsInLastDay(
  figures: RunStatistics | undefined,
  now: number,
): { runs: number; failed: number } {
  const rows = lastHours(figures?.hours, now, EMPTY_HOUR)
  return {
    runs: rows.reduce((sum, [runs]) => sum + runs, 0),
    failed: rows.reduce((sum, [, failed]) => sum + failed, 0),
  }
}

/** Attempts beyond the first one of each call in the last sixty minutes, to the share of an hour. */
export function retriesInLastHour(figures: RunStatistics | undefined, now: number): number {
  const [running = EMPTY_HOUR, before = EMPTY_HOUR] = lastHours(figures?.hours, now, EMPTY_HOUR)
  return inLastHour(running[2], before[2], now)
}

/** The longest of the last run and of those that ended in this clock hour or the one before; 0 when there are none. */
export function longestRecentMs(figures: RunStatistics | undefined, now: number): number {
  const [running = EMPTY_HOUR, before = EMPTY_HOUR] = lastHours(figures?.hours, now, EMPTY_HOUR)
  return Math.max(running[3], before[3], figures?.durations[0] ?? 0)
}

/** How long the last runs took, at most forty of them; `null` while there is none. Milliseconds. */
export function durationStatistics(figures: RunStatistics | undefined): {
  readonly averageMs: number | null
  readonly p95Ms: number | null
} {
  const ascending = [...(figures?.durations ?? [])].sort((a, b) => a - b)
  if (ascending.length === 0) return { averageMs: null, p95Ms: null }
  const sum = ascending.reduce((one, other) => one + other, 0)
  return {
    averageMs: sum / ascending.length,
    p95Ms: ascending[Math.ceil(0.95 * ascending.length) - 1] ?? null,
  }
}

function addFailedShare(
  before: RunStatistics['failedShares'],
  { counts }: Pick<FinishedRun, 'counts'>,
): RunStatistics['failedShares'] {
  if (counts === undefined || counts.planned < MIN_KEYS) return before
  const share = Number((counts.failed / counts.planned).toFixed(4))
  return [share, ...(before ?? [])].slice(0, MAX_SHARES)
}

/** A run that kept something, but lost more than half of its keys. */
function isMostlyFailed({ isFailed, counts }: FinishedRun): boolean {
  return !isFailed && counts !== undefined && counts.failed > counts.planned / 2
}

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
