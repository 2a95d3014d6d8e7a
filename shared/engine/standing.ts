import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'

/** How a job stands. `pending`: its first run is still to come. `idle`: nobody asks, and nothing is owed. */
export interface JobHealth {
  readonly state: 'off' | 'paused' | 'pending' | 'idle' | 'fresh' | 'overdue'
  /** max(0, now - freshUntil), from when data were first missed where none are known; 0 while nothing is owed. */
  readonly overdueMs: number
}

/**
 * The one judgement of how a job stands, for readers, operators and the watchdog alike. Pure.
 *
 * @param pausedUntil - until when operators have paused it, as the caller knows it
 */
export function jobHealth(
  { off, schedule }: Pick<Job, 'off' | 'schedule'>,
  { freshUntil, missingSince, lastRun }: JobState,
  pausedUntil: number | undefined,
  now: number,
): JobHealth {
  if (off !== undefined) return { state: 'off', overdueMs: 0 }
  if (pausedUntil !== undefined && pausedUntil > now) return { state: 'paused', overdueMs: 0 }
  const isFresh = freshUntil !== undefined && now < freshUntil
  if (!clockOf(schedule)) return { state: isFresh ? 'fresh' : 'idle', overdueMs: 0 }
  const since = freshUntil ?? missingSince
  const overdueMs = since === undefined ? 0 : Math.max(0, now - since)
  if (freshUntil === undefined && lastRun === undefined) return { state: 'pending', overdueMs }
  return { state: isFresh ? 'fresh' : 'overdue', overdueMs }
}
