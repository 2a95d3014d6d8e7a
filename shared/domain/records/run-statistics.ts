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
