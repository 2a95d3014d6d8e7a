import type { FailReason } from '../errors.ts'
import type { Counts, OutcomeStatus, SkipReason } from '../outcome.ts'
import type { RefreshCause } from '../ports/bus.ts'

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
