import { assertNever } from '#shared/domain/errors.ts'
import { runIdOfTask } from '#shared/domain/ids.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import {
  isPollable,
  type RunRecord,
  type TaskState,
  taskEndedAt,
  taskState,
} from '#shared/domain/records/run-record.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { View, ViewResult } from '#shared/read/view.ts'

/** The documented status of each state. */
const DOCUMENTED_STATUS: Readonly<Record<TaskState, 'running' | 'completed' | 'failed'>> = {
  PENDING: 'running',
  RUNNING: 'running',
  SUCCEEDED: 'completed',
  PARTIAL: 'completed',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  CANCELLED: 'failed',
}

const POLL_AFTER_S = 2

/** Messages for failed refreshes, by reason; a provider's own message is never shown. */
const FAILURE_MESSAGES: Readonly<Record<string, string>> = {
  timeout: 'the refresh did not end within its time',
  cancelled: 'the refresh was cancelled',
  start: 'the refresh could not be started',
  'not-found': 'nothing is stored yet',
  'nothing-to-do': 'the contracts of no venue are known yet',
  rejected: 'the answer was not believable',
  store: 'the storage did not answer',
}

const NO_VENUE = 'no provider answered: '

/** The state of a task, and a page of its result. */
export const taskStatus: View = async ({ parameters, query, now }, context) => {
  const taskId = parameters['task_id'] ?? ''
  const runId = runIdOfTask(taskId, context.job)
  const run = runId === undefined ? undefined : await context.run(runId)
  if (!run?.task || !isPollable(run, now)) return notFound('Task not found')
  const state = taskState(run, now)
  const status = DOCUMENTED_STATUS[state]
  const startFields = { status, state, start_time: isoSeconds(run.startedAt) }
  switch (status) {
    case 'running': {
      const duration = toSeconds(now - run.startedAt)
      const headers = { 'retry-after': String(POLL_AFTER_S) }
      return taskResponse(taskId, { ...startFields, duration }, now, headers)
    }
    case 'failed': {
      const fields = { ...startFields, ...endFields(run, now), error: errorMessage(run, state) }
      return taskResponse(taskId, fields, now)
    }
    case 'completed': {
      const result = await context.page(run.id, Number(query['page'] ?? '1') - 1)
      if (result === undefined) return notFound('Page not found')
      return taskResponse(taskId, { ...startFields, ...endFields(run, now), result }, now)
    }
    default:
      return assertNever(status)
  }
}

function taskResponse(
  taskId: string,
  fields: { readonly [name: string]: JsonValue },
  now: number,
  headers: Readonly<Record<string, string>> = {},
): ViewResult {
  const body = { status: 'success', task_id: taskId, task_status: fields, timestamp: isoSeconds(now) }
  return { kind: 'now', status: 200, body, headers }
}

function endFields(record: RunRecord, now: number) {
  const end = taskEndedAt(record, now) ?? now
  return { end_time: isoSeconds(end), duration: toSeconds(end - record.startedAt) }
}

function errorMessage({ reason, message = '' }: RunRecord, state: TaskState): string {
  if (state === 'TIMED_OUT') return FAILURE_MESSAGES['timeout'] as string
  if (message.startsWith(NO_VENUE))
    return (message.split(' — ')[0] as string).replace('provider answered', 'venue available')
  return FAILURE_MESSAGES[reason ?? ''] ?? `the refresh failed: ${reason ?? 'unknown'}`
}

function notFound(message: string): ViewResult {
  return { kind: 'failure', status: 404, message }
}

function toSeconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
