import type { ReportedBreach } from '../conditions.ts'
import { defined } from '../defined.ts'
import { HOUR_MS, SECOND_MS } from '../duration.ts'
import type { Counts } from '../outcome.ts'

/**
 * Statistics of a job's runs of its whole plan: skipped runs and runs of one key do not count. Written with the summary
 * by the run that has the job's lease. Durations are milliseconds.
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
  /** Of the current and the previous clock hour only, because every write of a state contains them. */
  readonly responses?: HourlyRows<HourResponses>
  /** Durations of the last runs, the newest first. */
  readonly durations: readonly number[]
  /** Share of failed keys of the last two runs of several keys, the newest first. */
  readonly failedShares?: readonly number[]
  /** The newest run that failed. */
  readonly lastFailure?: { readonly at: number; readonly reason: string }
  /** Conditions that the last run without a failure has found in its data. */
  readonly reported?: readonly ReportedBreach[]
}

type HourStatistics = readonly [runs: number, failed: number, retries: number, longestMs: number]

/** Rows that were written before refusals were counted have none. */
type HourResponses = readonly [attempts: number, slow: number, refused?: number]

/** One row of numbers per clock hour, the newest first: short, because every write of a state contains them. */
export interface HourlyRows<Row> {
  /** Hours since the epoch. */
  readonly newest: number
  readonly rows: readonly Row[]
}

/** Number of durations that are stored: enough to compute a 95th percentile. */
const MAX_DURATIONS = 40

/** With fewer keys, a single failed one would be too large a share. */
const MIN_KEYS = 5

const MAX_SHARES = 2

/** A response of an upstream that takes longer, from the request to the end of its body, is slow. */
export const SLOW_RESPONSE_MS = 5 * SECOND_MS

const EMPTY_HOUR: HourStatistics = [0, 0, 0, 0]
const NO_RESPONSES: HourResponses = [0, 0, 0]

/** Clock hours of which responses are stored: those that the last sixty minutes touch. */
const RESPONSE_HOURS = 2

/** One run of the whole plan that was not skipped. */
export interface FinishedRun {
  /** When it ended; milliseconds since the epoch. */
  readonly at: number
  readonly durationMs: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** Requests sent, retries included. */
  readonly attempts: number
  /** Responses that took longer than {@link SLOW_RESPONSE_MS}; attempts without a response are not among them. */
  readonly slow: number
  /** Keys that the provider has refused; none by default. */
  readonly refused?: number
  readonly isFailed: boolean
  readonly reason?: string
  readonly counts?: Counts
  /** Conditions that it has found in its data. */
  readonly reported?: readonly ReportedBreach[]
}

/** The statistics with one more run. */
export function addRun(statistics: RunStatistics | undefined, run: FinishedRun): RunStatistics {
  const { at, durationMs, retries, isFailed } = run
  const failed = isFailed ? 1 : 0
  const lastFailure = isFailed ? { at, reason: run.reason ?? 'unknown' } : statistics?.lastFailure
  const reported = isFailed ? statistics?.reported : run.reported
  const failedShares = addFailedShare(statistics?.failedShares, run)
  const { total } = statistics ?? { total: { runs: 0, failed: 0, mostlyFailed: 0, durationMs: 0 } }
  return {
    total: {
      runs: total.runs + 1,
      failed: total.failed + failed,
      mostlyFailed: total.mostlyFailed + (isMostlyFailed(run) ? 1 : 0),
      durationMs: total.durationMs + durationMs,
    },
    hours: addToHour(statistics?.hours, at, EMPTY_HOUR, ([runs, failedRuns, hourRetries, longestMs]) => [
      runs + 1,
      failedRuns + failed,
      hourRetries + retries,
      Math.max(longestMs, durationMs),
    ]),
    responses: addToHour(
      statistics?.responses,
      at,
      NO_RESPONSES,
      ([attempts, slow, refused = 0]) => [
        attempts + run.attempts,
        slow + run.slow,
        // once a provider refuses everything, the remaining keys fail without an attempt
        refused + Math.min(run.refused ?? 0, run.attempts),
      ],
      RESPONSE_HOURS,
    ),
    durations: [durationMs, ...(statistics?.durations ?? [])].slice(0, MAX_DURATIONS),
    ...defined({ lastFailure, failedShares, reported }),
  }
}

/** The smaller share of failed keys of the last two runs of several keys; 0 before there are two such runs. */
export function repeatedFailedShare(statistics: RunStatistics | undefined): number {
  const shares = statistics?.failedShares ?? []
  return shares.length < MAX_SHARES ? 0 : Math.min(...shares)
}

/** Number of runs, and of failed ones, that ended in the last 24 clock hours. */
export function runsInLastDay(
  statistics: RunStatistics | undefined,
  now: number,
): { runs: number; failed: number } {
  const rows = lastHours(statistics?.hours, now, EMPTY_HOUR)
  return {
    runs: rows.reduce((sum, [runs]) => sum + runs, 0),
    failed: rows.reduce((sum, [, failed]) => sum + failed, 0),
  }
}

/** Number of runs, and of failed ones, in the last sixty minutes, interpolated from clock hours by {@link inLastHour}. */
export function runsInLastHour(
  statistics: RunStatistics | undefined,
  now: number,
): { readonly runs: number; readonly failed: number } {
  const [current = EMPTY_HOUR, previous = EMPTY_HOUR] = lastHours(statistics?.hours, now, EMPTY_HOUR)
  return {
    runs: inLastHour(current[0], previous[0], now),
    failed: inLastHour(current[1], previous[1], now),
  }
}

/** Retries in the last sixty minutes, interpolated from clock hours by {@link inLastHour}. */
export function retriesInLastHour(statistics: RunStatistics | undefined, now: number): number {
  const [current = EMPTY_HOUR, previous = EMPTY_HOUR] = lastHours(statistics?.hours, now, EMPTY_HOUR)
  return inLastHour(current[2], previous[2], now)
}

/** Attempts, slow responses and refusals in the last sixty minutes, interpolated from clock hours by {@link inLastHour}. */
export function responsesInLastHour(
  statistics: RunStatistics | undefined,
  now: number,
): { readonly attempts: number; readonly slow: number; readonly refused: number } {
  const rows = lastHours(statistics?.responses, now, NO_RESPONSES)
  const [current = NO_RESPONSES, previous = NO_RESPONSES] = rows
  return {
    attempts: inLastHour(current[0], previous[0], now),
    slow: inLastHour(current[1], previous[1], now),
    refused: inLastHour(current[2] ?? 0, previous[2] ?? 0, now),
  }
}

/** Longest duration of the last run and of the runs that ended in this or the previous clock hour; 0 without any. */
export function longestRecentMs(statistics: RunStatistics | undefined, now: number): number {
  const [current = EMPTY_HOUR, previous = EMPTY_HOUR] = lastHours(statistics?.hours, now, EMPTY_HOUR)
  return Math.max(current[3], previous[3], statistics?.durations[0] ?? 0)
}

/** Average and 95th percentile of the durations of the last 40 runs, in ms; `null` before the first run. */
export function durationStatistics(statistics: RunStatistics | undefined): {
  readonly averageMs: number | null
  readonly p95Ms: number | null
} {
  const ascending = [...(statistics?.durations ?? [])].sort((a, b) => a - b)
  if (ascending.length === 0) return { averageMs: null, p95Ms: null }
  const sum = ascending.reduce((total, durationMs) => total + durationMs, 0)
  return {
    averageMs: sum / ascending.length,
    p95Ms: ascending[Math.ceil(0.95 * ascending.length) - 1] ?? null,
  }
}

function addFailedShare(
  previous: RunStatistics['failedShares'],
  { counts }: Pick<FinishedRun, 'counts'>,
): RunStatistics['failedShares'] {
  if (counts === undefined || counts.planned < MIN_KEYS) return previous
  const share = Number((counts.failed / counts.planned).toFixed(4))
  return [share, ...(previous ?? [])].slice(0, MAX_SHARES)
}

/** Whether a run succeeded for some keys, but failed for more than half of them. */
function isMostlyFailed({ isFailed, counts }: FinishedRun): boolean {
  return !isFailed && counts !== undefined && counts.failed > counts.planned / 2
}

/** Number of clock hours that are stored, the current one included. */
const HOURS_STORED = 24

/**
 * Updates the row of the hour that contains `at`; a time before the stored hours changes nothing.
 *
 * @param at - milliseconds since the epoch
 * @param none - the row of an hour without events
 * @param maxHours - number of clock hours that are stored, the current one included
 */
export function addToHour<Row>(
  hours: HourlyRows<Row> | undefined,
  at: number,
  none: Row,
  add: (row: Row) => Row,
  maxHours: number = HOURS_STORED,
): HourlyRows<Row> {
  const hour = Math.floor(at / HOUR_MS)
  const newest = Math.max(hour, hours?.newest ?? hour)
  const rows = [...rowsFrom(hours, newest, none)]
  const index = newest - hour
  if (index >= maxHours) return { newest, rows }
  while (rows.length <= index) rows.push(none)
  rows[index] = add(rows[index] ?? none)
  return { newest, rows: rows.slice(0, maxHours) }
}

/** The rows of the last 24 clock hours, the current one first, without hours before the first stored row. */
export function lastHours<Row>(hours: HourlyRows<Row> | undefined, now: number, none: Row): readonly Row[] {
  return rowsFrom(hours, Math.floor(now / HOUR_MS), none)
}

/**
 * Estimates a count of the last sixty minutes from counts per clock hour: all of the current hour, and the share of the
 * previous hour that the sixty minutes cover. A burst counts in full until its clock hour ends.
 */
function inLastHour(current: number, previous: number, now: number): number {
  return current + previous * (1 - (now % HOUR_MS) / HOUR_MS)
}

function rowsFrom<Row>(hours: HourlyRows<Row> | undefined, newest: number, none: Row): readonly Row[] {
  if (!hours) return []
  const passed = Math.min(HOURS_STORED, Math.max(0, newest - hours.newest))
  return [...Array.from({ length: passed }, () => none), ...hours.rows].slice(0, HOURS_STORED)
}
