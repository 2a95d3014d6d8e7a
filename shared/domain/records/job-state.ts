import type { Condition } from '../conditions.ts'
import type { OutcomeStatus } from '../outcome.ts'
import type { HourlyRows, RunStatistics } from './run-statistics.ts'

/**
 * What anybody may know of a job: who refreshes it, and how the last runs ended.
 * Times are milliseconds since the Unix epoch.
 */
export interface JobState {
  readonly fence: number
  readonly lease?: { readonly owner: string; readonly until: number }
  /** Newest tick that ended in success. */
  readonly lastTick?: number
  readonly lastSuccessAt?: number
  readonly lastRun?: {
    readonly id: string
    readonly status: OutcomeStatus
    readonly reason?: string
    readonly endedAt: number
  }
  /** The earliest `freshUntil` of all planned keys: overdue from then on. */
  readonly freshUntil?: number
  readonly consecutiveFailures: number
  /** When the watchdog first missed any data. */
  readonly missingSince?: number
  readonly statistics?: RunStatistics
  readonly watchState?: WatchState
  readonly control?: PublicControl
}

/**
 * What anybody may know of what operators decided, as of that revision of a job's control: until when it is paused, how
 * often it runs and how many items it refreshes where that is not as declared.
 */
export interface PublicControl {
  readonly revision: number
  readonly pausedUntil?: number
  readonly intervalMs?: number
  readonly itemCount?: number
  /** Which these are; left out where they are too long to be told. */
  readonly itemKeys?: readonly string[]
}

/** The part of a summary that a run or the watchdog replaces. */
export interface RunSummaryUpdate {
  readonly lastRun: NonNullable<JobState['lastRun']>
  readonly lastTick?: number
  readonly lastSuccessAt?: number
  readonly freshUntil?: number
  /** Success sets the count of consecutive failures to zero, failure adds one; absent leaves it. */
  readonly health?: 'success' | 'failure'
  readonly statistics?: RunStatistics
}

export type LeaseScope = { readonly kind: 'job' } | { readonly kind: 'key'; readonly key: string }

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
