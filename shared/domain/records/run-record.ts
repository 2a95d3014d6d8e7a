import type { FailReason } from '../errors.ts'
import type { Counts, OutcomeStatus, SkipReason } from '../outcome.ts'

/** What asked for a run. */
export type Cause = 'tick' | 'input-refreshed' | RefreshCause

/** One run, from its start to its one outcome. Times are milliseconds since the Unix epoch. */
export interface RunRecord {
  /** `<job>-<tick>` or `<job>-<ULID>`. */
  readonly id: string
  readonly job: string
  readonly cause: Cause
  /** Scheduled time, of a tick only. */
  readonly tick?: number
  /** The one key asked for, if not the whole plan. */
  readonly key?: string
  /** The run of another job whose publication asked for this one. */
  readonly input?: string
  readonly status: 'running' | OutcomeStatus
  /** Who works on it: changes when another invocation takes it over. */
  readonly owner: string
  readonly startedAt: number
  /** Past it a running record has lost its owner. */
  readonly leaseUntil: number
  readonly endedAt?: number
  readonly reason?: FailReason | SkipReason
  readonly message?: string
  readonly counts?: Counts
  readonly attempts?: number
  readonly fence?: number
  /** Further deliveries of the same tick. */
  readonly duplicates: number
  readonly expiresAt: number
  /** Of a task only. */
  readonly task?: TaskProgress
}

/** What a task's record says beside that of any run: it is what clients poll, and it only moves forward. */
export interface TaskProgress {
  /** What was asked for, as JSON. */
  readonly params: string
  /** Past it the task reads as timed out, whatever else is written. */
  readonly deadlineAt: number
  /** When its machine first found another run at the lease: it waits for its turn, until its deadline at most. */
  readonly waitingAt?: number
  /** When it had its lease and its plan: pending until then. */
  readonly plannedAt?: number
  /** Into how many parts its plan was cut. */
  readonly chunks?: number
  /** When it began to publish its result: it cannot be cancelled any more. */
  readonly publishingAt?: number
  /** Pages of its result. */
  readonly pages?: number
}

/** How a task stands, as clients are told. The last five are final. */
export type TaskState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'PARTIAL' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED'

/** For how long a task can be polled after it has ended, in milliseconds. */
export const TASK_RETENTION_MS = 24 * 3_600_000

/** A task's end is written so long before its deadline, or it is its deadline: no one may see it end twice. */
export const CLOSE_CUTOFF_MS = 5_000

/**
 * How a task stands at a time. Pure: past its deadline a running one has timed out, whether or not anybody has
 * written that down yet.
 *
 * @throws {TypeError} for the record of a run that is no task
 */
export function taskState({ status, reason, task }: RunRecord, now: number): TaskState {
  if (!task) throw new TypeError('expected the record of a task')
  switch (status) {
    case 'running':
      if (now >= task.deadlineAt) return 'TIMED_OUT'
      return task.plannedAt === undefined ? 'PENDING' : 'RUNNING'
    case 'succeeded':
    case 'unchanged':
      return 'SUCCEEDED'
    case 'partial':
      return 'PARTIAL'
    case 'failed':
      if (reason === 'timeout') return 'TIMED_OUT'
      return reason === 'cancelled' ? 'CANCELLED' : 'FAILED'
    case 'skipped':
    case 'abandoned':
    case 'missed':
      return 'FAILED'
    default:
      status satisfies never
      throw new TypeError(`unexpected ${status}`)
  }
}

/** Whether a task may still change anything. */
export function isLive(record: RunRecord, now: number): boolean {
  const state = taskState(record, now)
  return state === 'PENDING' || state === 'RUNNING'
}

/**
 * When a task has ended, in milliseconds since the epoch: at its deadline at the latest, whenever somebody writes that
 * down. `undefined` for one that may still change anything.
 */
export function taskEndedAt(record: RunRecord, now: number): number | undefined {
  if (isLive(record, now)) return undefined
  const { endedAt, task, startedAt } = record
  const deadlineAt = task?.deadlineAt ?? startedAt
  const isEarlier = endedAt !== undefined && endedAt < deadlineAt - CLOSE_CUTOFF_MS
  return isEarlier ? endedAt : deadlineAt
}

/** Whether a task can still be polled: clearance may be days late, so times are compared. */
export function isPollable(record: RunRecord, now: number): boolean {
  return now < (taskEndedAt(record, now) ?? now) + TASK_RETENTION_MS
}

/** The name under which a page of a task's result is kept; the first one is 0. */
export function resultPartName(page: number): string {
  return `result#${page}`
}

/** What `refresh.requested` may be said for. */
export type RefreshCause =
  | 'stale-read'
  | 'cold-read'
  | 'operator'
  | 'first-run'
  /** A reader has submitted a task. */
  | 'submission'
