import type { Condition } from '#shared/domain/conditions.ts'
import type { HourlyRows } from '#shared/domain/records/run-statistics.ts'

/** What the watchdog has seen of a job, and nobody else writes. Times are milliseconds since the Unix epoch. */
export interface WatchState {
  /** How far it has accounted for ticks, and for which schedule. */
  readonly checkedUntil: number
  readonly schedule: string
  readonly hours?: HourlyRows<WatchHour>
  /** The newest tick that was missed, and when that was found. */
  readonly missed?: { readonly tick: number; readonly at: number }
  /** When it last gave a run up. */
  readonly abandonedAt?: number
  /** When the newest task of those that failed, and of those that timed out, has ended. */
  readonly taskFailedAt?: number
  readonly taskTimedOutAt?: number
  /** Since when the upstream is left alone, without a call that was served in between. */
  readonly coolingSince?: number
  /** What is wrong with the job at the moment. */
  readonly conditions?: readonly Condition[]
}

export type WatchHour = readonly [missed: number, abandoned: number, staleMs: number]
