import type { Job } from '#shared/declare/job.ts'
import { hashOf } from '#shared/domain/codec.ts'
import { eventRunId, freeRunId, tickRunId } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import type { Random } from '#shared/domain/ports/clock.ts'
import type { Cause, RunRecord } from '#shared/domain/records/run-record.ts'
import { isFollowed } from '../gate/input-triggers.ts'

/** Who asks for a task, and what for. Times are milliseconds since the epoch. */
export interface Submission {
  readonly job: Job
  readonly cause: Cause
  readonly params: Params
  readonly tick?: number
  /** The run of an input that was published: it gets one task, however often it is told. */
  readonly input?: string
  /** The event that asked, for what came over the bus; in place of it the run of an input, and when that ended. */
  readonly event?: { readonly id: string; readonly at: number }
  /** The id that an operator was promised. */
  readonly runId?: string
  /** Under the same key comes the same task. */
  readonly idempotencyKey?: string
  /** The last good result is not enough: only the same work under way is joined. */
  readonly requiresNewRun?: boolean
}

const RUN_RETENTION_MS = 90 * 24 * 3_600_000

/** A lease outlives its task's deadline by so much, so that clocks a little apart do not matter. */
const LEASE_MARGIN_MS = 5_000

/** The id of what is one task for ever, however often it is asked for: a tick, or the run of an input. */
export function fixedRunId({ job, tick, input, event }: Submission): string | undefined {
  if (tick !== undefined) return tickRunId(job.id, tick)
  if (input === undefined || event === undefined) return undefined
  return eventRunId(job.id, event.at, event.id)
}

/**
 * Whether others may join the task: not one that may find nothing to do when its turn comes, because the job has got
 * data meanwhile, and would end as left out.
 */
export function isJoinable({ job, input }: Submission): boolean {
  return input === undefined || isFollowed(input, job)
}

/** The id that a task of this submission has. */
export function taskRunId(submission: Submission, now: number, random: Random): string {
  const { job, event, runId } = submission
  const fixed = runId ?? fixedRunId(submission)
  if (fixed !== undefined) return fixed
  return event === undefined ? freeRunId(job.id, now, random) : eventRunId(job.id, event.at, event.id)
}

/** Names the work: the same parameters are the same work, in whatever order they are said. */
export function workHash(params: Params): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))
  return `work-${hashOf(JSON.stringify(sorted))}`
}

/** The record of a task that is about to be started. */
export function taskRecord(
  id: string,
  { job, cause, params, tick, input }: Submission,
  now: number,
): RunRecord {
  const deadlineAt = now + job.run.deadlineMs
  return {
    id,
    job: job.id,
    cause,
    ...(tick === undefined ? {} : { tick }),
    ...(input === undefined ? {} : { input }),
    status: 'running',
    // all its steps work under one name
    owner: id,
    startedAt: now,
    leaseUntil: deadlineAt + LEASE_MARGIN_MS,
    duplicates: 0,
    expiresAt: now + RUN_RETENTION_MS,
    task: { params: JSON.stringify(params), deadlineAt },
  }
}
