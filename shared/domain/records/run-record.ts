import { defined } from '../defined.ts'
import { DAY_MS } from '../duration.ts'
import { assertNever, type FailReason } from '../errors.ts'
import { eventRunId, freeRunId, tickRunId } from '../ids.ts'
import type { Counts, OutcomeStatus, SkipReason } from '../outcome.ts'

/** Why a run was requested. */
export type Cause = 'tick' | 'input-refreshed' | RefreshCause

/** The causes that `refresh.requested` may have. */
export type RefreshCause =
  | 'stale-read'
  | 'cold-read'
  | 'operator'
  | 'first-run'
  /** A client submitted a task. */
  | 'submission'

/** One run, from its start to its one outcome. Times are milliseconds since the Unix epoch. */
export interface RunRecord {
  /** `<job>-<tick>` or `<job>-<ULID>`. */
  readonly id: string
  readonly job: string
  readonly cause: Cause
  /** Scheduled time, of a tick only. */
  readonly tick?: number
  /** The one requested key; absent for a run of the whole plan. */
  readonly key?: string
  /** Id of the run of another job whose publication caused this one. */
  readonly input?: string
  readonly status: 'running' | OutcomeStatus
  /** The invocation that works on it: changes when another one takes it over. */
  readonly owner: string
  readonly startedAt: number
  /** A record that is still running after this time has lost its owner. */
  readonly leaseUntil: number
  readonly endedAt?: number
  readonly reason?: FailReason | SkipReason
  readonly message?: string
  readonly counts?: Counts
  /** Failed keys and lost rows: what keeps its old value, or is left out. */
  readonly lost?: LostNames
  readonly attempts?: number
  readonly fence?: number
  /** Further deliveries of the same tick. */
  readonly duplicates: number
  readonly expiresAt: number
  /** Of a run that goes on, once it has lasted for some seconds. */
  readonly progress?: RunProgress
  /** Of a task only. */
  readonly task?: TaskProgress
}

/** How far a run has come, in requests: about, because a part that is repeated counts again. */
export interface RunProgress {
  readonly planned: number
  /** Ended, failed ones included. */
  readonly done: number
  readonly failed: number
}

/** How many keys and rows a run has lost, with the names of the first ten. */
export interface LostNames {
  readonly count: number
  readonly names: readonly string[]
}

/** Progress of a task, which clients poll. It only moves forward (I8). */
export interface TaskProgress {
  /** Parameters of the task, as JSON. */
  readonly params: string
  /** After this time a running task reads as timed out, and refuses every write. */
  readonly deadlineAt: number
  /** When another run first had the lease: the task waits for it, until its deadline at most. */
  readonly waitingAt?: number
  /** When it had its lease and its plan: it is pending before. */
  readonly plannedAt?: number
  /** Number of chunks of its plan. */
  readonly chunks?: number
  /** When it began to publish its result: it cannot be cancelled after that. */
  readonly publishingAt?: number
  /** Number of pages of its result. */
  readonly pages?: number
  /** Of a failed task: when the last cool-down of its upstreams ends. */
  readonly retryAt?: number
}

/** Identity of a run as its request determines it. */
interface RunIdentity {
  /** The id that an operator was promised. */
  readonly runId?: string
  readonly tick?: number
  readonly event?: { readonly id: string; readonly at: number }
}

/** Id of a run: the promised one, else that of its tick or event, else a new one. */
export function runIdOf(
  job: string,
  { runId, tick, event }: RunIdentity,
  now: number,
  random: () => number,
): string {
  if (runId !== undefined) return runId
  if (tick !== undefined) return tickRunId(job, tick)
  if (event !== undefined) return eventRunId(job, event.at, event.id)
  return freeRunId(job, now, random)
}

/** For how long run records are stored. */
export const RUN_RETENTION_MS = 90 * DAY_MS

/** The lease of a run expires this long after the run's end, to tolerate clock skew between processes. */
const LEASE_MARGIN_MS = 5_000

interface NewRun extends Pick<RunRecord, 'id' | 'job' | 'cause' | 'owner'> {
  readonly tick?: number | undefined
  readonly key?: string | undefined
  readonly input?: string | undefined
  /** The latest end of the run. */
  readonly endsAt: number
}

/** The record of a run that starts now. */
export function newRunRecord(
  { id, job, cause, tick, key, input, owner, endsAt }: NewRun,
  now: number,
): RunRecord {
  return {
    id,
    job,
    cause,
    ...defined({ tick, key, input }),
    status: 'running',
    owner,
    startedAt: now,
    leaseUntil: endsAt + LEASE_MARGIN_MS,
    duplicates: 0,
    expiresAt: now + RUN_RETENTION_MS,
  }
}

/** State of a task as clients see it. The last five are final. */
export type TaskState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'PARTIAL' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED'

/** For how long a task can be polled after its end. */
export const TASK_RETENTION_MS = DAY_MS

/** A task's outcome is written at least this long before its deadline; later it is a timeout, so that it ends only once. */
export const CLOSE_CUTOFF_MS = 5_000

/**
 * State of a task at a time. After its deadline a running task has timed out, whether or not that is stored yet.
 *
 * @throws {TypeError} for the record of a run that is not a task
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
      return assertNever(status)
  }
}

/** Whether a task has not ended. */
export function isLive(record: RunRecord, now: number): boolean {
  const state = taskState(record, now)
  return state === 'PENDING' || state === 'RUNNING'
}

/**
 * When a task ended, in milliseconds since the epoch: at its deadline at the latest, even if that was stored later.
 * `undefined` for a task that has not ended.
 */
export function taskEndedAt(record: RunRecord, now: number): number | undefined {
  if (isLive(record, now)) return undefined
  const { endedAt, task, startedAt } = record
  const deadlineAt = task?.deadlineAt ?? startedAt
  const isEarlier = endedAt !== undefined && endedAt < deadlineAt - CLOSE_CUTOFF_MS
  return isEarlier ? endedAt : deadlineAt
}

/** Whether a task can still be polled. Compares times, because DynamoDB may delete expired records days late. */
export function isPollable(record: RunRecord, now: number): boolean {
  return now < (taskEndedAt(record, now) ?? now) + TASK_RETENTION_MS
}

/** The name under which a page of a task's result is stored; the first page is 0. */
export function resultPartName(page: number): string {
  return `result#${page}`
}
