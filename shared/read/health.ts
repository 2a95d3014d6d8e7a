import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { StateStore } from '#shared/domain/ports/store.ts'
import { pausedUntil } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { HttpResult } from '#shared/http/problem.ts'

/**
 * The state of every job, as anybody may see it: when it last succeeded, how its last run ended and why, for how long
 * its data are overdue, what else the watchdog finds wrong with it. `ok` when nothing is; a job whose first run is still
 * to come is `pending`, one that operators have paused owes nothing.
 *
 * @throws when the table cannot be read
 */
export async function health(
  jobs: readonly Job[],
  states: Pick<StateStore, 'get'>,
  clock: Clock,
  version: string,
): Promise<HttpResult> {
  const now = clock.now()
  const members = await Promise.all(jobs.map(async (job) => healthMember(job, await states.get(job.id), now)))
  const healthy = members.every(({ status }) => status !== 'overdue')
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ status: healthy ? 'ok' : 'overdue', service: 'freshet', version, jobs: members }),
    isBase64Encoded: false,
  }
}

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
