import type { Job } from '#shared/declare/job.ts'
import { hashOf } from '#shared/domain/codec.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { eventRunId, tickRunId } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import type { Clock, Random } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { StateMachines } from '#shared/domain/ports/state-machines.ts'
import type { SubmissionStore } from '#shared/domain/ports/store.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import { type Cause, newRunRecord, type RunRecord } from '#shared/domain/records/run-record.ts'
import { isFollowed } from '../gate/input-triggers.ts'

/** A request for a task. Times are milliseconds since the epoch. */
export interface Submission {
  readonly job: Job
  readonly cause: Cause
  readonly params: Params
  readonly tick?: number
  /** Id of the run of an input that was published: all deliveries of that event refer to one task. */
  readonly input?: string
  /** The requesting event of the bus; for a refreshed input, the id and the end of the input's run. */
  readonly event?: { readonly id: string; readonly at: number }
  /** The id that an operator was promised. */
  readonly runId?: string
  /** All submissions with the same key get the same task (I9). */
  readonly idempotencyKey?: string
  /**
   * Called before a submission under a key takes effect, with the time when the key was first claimed; not for one that
   * repeats another. It may be called again, with the same time, when the claimant was killed.
   */
  readonly beforeEffect?: (claimedAt: number) => Promise<void>
  /** Whether only a live task of the same work may be joined, not the last successful one. */
  readonly requiresNewRun?: boolean
}

/** Side effects of submissions. */
export interface SubmitPorts {
  readonly store: SubmissionStore
  readonly stateMachines: StateMachines
  readonly clock: Clock
  readonly random: Random
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
}

/** Result of a submission. */
export type SubmitResult =
  /** `coalesced`: the same work is live, or was done a moment ago. `repeated`: the same key, tick or input. */
  | { readonly status: 'created' | 'coalesced' | 'repeated'; readonly run: RunRecord }
  /** The idempotency key was used for another request. */
  | { readonly status: 'conflict' }
  /** The task is recorded as failed: its state machine could not be started. */
  | { readonly status: 'unstarted'; readonly run: RunRecord }

/** The id of a submission that always refers to one task: a tick, or the run of an input. */
export function fixedRunId({ job, tick, input, event }: Submission): string | undefined {
  if (tick !== undefined) return tickRunId(job.id, tick)
  if (input === undefined || event === undefined) return undefined
  return eventRunId(job.id, event.at, event.id)
}

/**
 * Whether other submissions may join the task. Not if an input triggers it that the job does not follow: it may be
 * skipped when the job has fresh data by the time it has the lease.
 */
export function isJoinable({ job, input }: Submission): boolean {
  return input === undefined || isFollowed(input, job)
}

/** Identifies the work: equal parameters are the same work, in any order. */
export function workHash(params: Params): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))
  return `work-${hashOf(JSON.stringify(sorted))}`
}

/** The record of a new task. */
export function taskRecord(
  id: string,
  { job, cause, params, tick, input }: Submission,
  now: number,
): RunRecord {
  const deadlineAt = now + job.run.deadlineMs
  // all steps of the task have the same owner
  const record = newRunRecord({ id, job: job.id, cause, tick, input, owner: id, endsAt: deadlineAt }, now)
  return { ...record, task: { params: JSON.stringify(params), deadlineAt } }
}

/** Also how long a repetition of a request refers to the same task. */
const CLAIM_RETENTION_MS = DAY_MS

/** A new claim of a key or of work. */
export function newClaim(
  { hash, requestHash, runId }: Pick<Claim, 'hash' | 'requestHash' | 'runId'>,
  claimedAt: number,
  now: number,
): Claim {
  return {
    hash,
    requestHash,
    runId,
    createdAt: now,
    claimedAt,
    isPublished: true,
    expiresAt: now + CLAIM_RETENTION_MS,
  }
}

/** Submitters record a claimed task within this time, or they were killed. */
export const RECORD_WAIT_MS = 3_000
export const RECORD_POLL_MS = 25
