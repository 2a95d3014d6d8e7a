import type { Condition } from '../conditions.ts'
import { defined } from '../defined.ts'
import type { OutcomeStatus } from '../outcome.ts'
import type { HourlyRows, RunStatistics } from './run-statistics.ts'

/**
 * Public state of a job: who refreshes it, and how its last runs ended.
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
  /** The earliest `freshUntil` of all planned keys: overdue from then on. After an invalidation its time at most. */
  readonly freshUntil?: number
  /** When an operator marked all data as stale, until a later run of the whole plan succeeds. */
  readonly invalidatedAt?: number
  readonly consecutiveFailures: number
  /** When the watchdog first detected that the job has no data. */
  readonly missingSince?: number
  readonly statistics?: RunStatistics
  readonly watchState?: WatchState
  readonly control?: PublicControl
}

/**
 * Public part of a job's control, as of its revision: until when it is paused, and its overridden interval and items.
 */
export interface PublicControl {
  readonly revision: number
  readonly pausedUntil?: number
  readonly intervalMs?: number
  readonly itemCount?: number
  /** The keys of these items; absent when they are too long. */
  readonly itemKeys?: readonly string[]
}

/** Members of the state that a run or the watchdog replaces. */
export interface RunSummaryUpdate {
  readonly lastRun: NonNullable<JobState['lastRun']>
  readonly lastTick?: number
  readonly lastSuccessAt?: number
  readonly freshUntil?: number
  /** Start of the run that confirmed the data: what was invalidated before is fresh again. */
  readonly confirmedSince?: number
  /** Success sets the count of consecutive failures to zero, failure adds one; absent, it stays. */
  readonly health?: 'success' | 'failure'
  readonly statistics?: RunStatistics
}

/** The part of a stored state that an invalidation changes for everyone who reads it. */
export function invalidationState(stored: {
  readonly freshUntil?: number | undefined
  readonly invalidatedAt?: number | undefined
  readonly confirmedSince?: number | undefined
}): Pick<JobState, 'freshUntil' | 'invalidatedAt'> {
  const { freshUntil, invalidatedAt, confirmedSince = Number.NEGATIVE_INFINITY } = stored
  if (invalidatedAt === undefined || confirmedSince > invalidatedAt) return defined({ freshUntil })
  return { invalidatedAt, ...defined({ freshUntil: freshUntil && Math.min(freshUntil, invalidatedAt) }) }
}

export type LeaseScope = { readonly kind: 'job' } | { readonly kind: 'key'; readonly key: string }

/** State of a job that only the watchdog writes. Times are milliseconds since the Unix epoch. */
export interface WatchState {
  /** Until when it has accounted for the ticks of `schedule`. */
  readonly checkedUntil: number
  readonly schedule: string
  readonly hours?: HourlyRows<WatchHour>
  /** How long the data were overdue on each day of the last 90, since the job is watched. */
  readonly days?: DailyOverdue
  /** The newest missed tick, and when the watchdog detected it. */
  readonly missed?: { readonly tick: number; readonly at: number }
  /** When it last closed an abandoned run. */
  readonly abandonedAt?: number
  /** End of the newest failed task. */
  readonly taskFailedAt?: number
  /** End of the newest task that timed out. */
  readonly taskTimedOutAt?: number
  /** Start of the upstream's cool-down, without a successful call since. */
  readonly coolingSince?: number
  /** Alarm conditions that the job is in now. */
  readonly conditions?: readonly Condition[]
}

/** Seconds overdue per day of UTC, the newest first. */
export interface DailyOverdue {
  /** Days since the epoch. */
  readonly newest: number
  readonly seconds: readonly number[]
}

export type WatchHour = readonly [missed: number, abandoned: number, staleMs: number]
