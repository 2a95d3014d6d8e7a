import { runOfTask } from '#shared/domain/ids.ts'
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

/** The documented words. */
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

/** Why a refresh failed, by its class: never a provider's own words. */
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

/** How a task stands, and a page of its result. */
export const taskStatus: View = async ({ parameters, query, now }, look) => {
  const run = runOfTask(parameters['task_id'] ?? '', look.job)
  const record = run === undefined ? undefined : await look.run(run)
  if (!record?.task || !isPollable(record, now)) return notFound()
  const state = taskState(record, now)
  const status = DOCUMENTED_STATUS[state]
  const common = { status, state, start_time: isoSeconds(record.startedAt) }
  const answer = (task: { readonly [name: string]: JsonValue }, headers = {}): ViewResult => ({
    answer: 'now',
    status: 200,
    body: {
      status: 'success',
      task_id: parameters['task_id'] ?? '',
      task_status: task,
      timestamp: isoSeconds(now),
    },
    headers,
  })
  if (status === 'running') {
    const duration = toSeconds(now - record.startedAt)
    return answer({ ...common, duration }, { 'retry-after': String(POLL_AFTER_S) })
  }
  const ended = { ...common, ...endFields(record, now) }
  if (status === 'failed') return answer({ ...ended, error: errorMessage(record, state) })
  const result = await look.page(record.id, Number(query['page'] ?? '1') - 1)
  return result === undefined ? notFound('Page not found') : answer({ ...ended, result })
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

function notFound(message = 'Task not found'): ViewResult {
  return { answer: 'failure', status: 404, message }
}

function toSeconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
