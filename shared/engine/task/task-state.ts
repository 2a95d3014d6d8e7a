import type { RunRecord } from '#shared/domain/records/run-record.ts'

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
