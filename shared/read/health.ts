import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { pausedUntil } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { HttpResult } from '#shared/http/problem.ts'

/**
 * The public state of every job: its last success, the outcome of its last run with the reason, how long its data have
 * been overdue, and the watchdog's conditions. The status is `overdue` when any job is, else `ok`. A job before its
 * first run is `pending`; a paused job is never overdue.
 *
 * @param states - public states by job; a job without one has never run
 * @param now - milliseconds since the epoch
 */
export function health(
  jobs: Iterable<Job>,
  states: ReadonlyMap<string, JobState>,
  version: string,
  now: number,
): HttpResult {
  const members = [...jobs].map((job) => healthMember(job, states.get(job.id) ?? NO_STATE, now))
  const isHealthy = members.every(({ status }) => status !== 'overdue')
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({
      status: isHealthy ? 'ok' : 'overdue',
      service: 'freshet',
      version,
      jobs: members,
    }),
    isBase64Encoded: false,
  }
}

/** The state of a job that has never run. */
export const NO_STATE: JobState = { fence: 0, consecutiveFailures: 0 }

function healthMember(job: Job, state: JobState, now: number) {
  const { freshUntil, lastRun, lastSuccessAt } = state
  const { state: status, overdueMs } = jobHealth(job, state, pausedUntil(job, state.control), now)
  return {
    job: job.id,
    status,
    overdue_seconds: Math.floor(overdueMs / 1_000),
    fresh_until: isoOrNull(freshUntil),
    last_success_at: isoOrNull(lastSuccessAt),
    consecutive_failures: state.consecutiveFailures,
    conditions: state.watchState?.conditions ?? [],
    last_run: lastRun
      ? {
          run_id: lastRun.id,
          outcome: lastRun.status,
          reason: lastRun.reason ?? null,
          ended_at: isoSeconds(lastRun.endedAt),
        }
      : null,
  }
}

function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : isoSeconds(ms)
}

/** The state of a job. `pending`: before its first run. `on-demand`: no schedule and no fresh data, never overdue. */
export interface JobHealth {
  readonly state: 'off' | 'paused' | 'pending' | 'on-demand' | 'fresh' | 'overdue'
  /** max(0, now - freshUntil); without data counted from `missingSince`; 0 for a job that cannot be overdue. */
  readonly overdueMs: number
}

/**
 * The state of a job, for readers, operators and the watchdog alike. Pure.
 *
 * @param pausedUntil - end of the pause by an operator, if any
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
  if (!clockOf(schedule)) return { state: isFresh ? 'fresh' : 'on-demand', overdueMs: 0 }
  const since = freshUntil ?? missingSince
  const overdueMs = since === undefined ? 0 : Math.max(0, now - since)
  if (freshUntil === undefined && lastRun === undefined) return { state: 'pending', overdueMs }
  return { state: isFresh ? 'fresh' : 'overdue', overdueMs }
}
