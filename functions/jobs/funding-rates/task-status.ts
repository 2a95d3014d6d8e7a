import type { Shape, Shaped } from '#functions/serving/shape.ts'
import { runOfTask } from '#shared/domain/ids.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { isKept, type TaskState, taskEndedAt, taskState } from '#shared/engine/task/task-state.ts'
import { isoSeconds } from '#shared/http/envelopes.ts'

/** The documented words. */
const WORDS: Readonly<Record<TaskState, 'running' | 'completed' | 'failed'>> = {
  PENDING: 'running',
  RUNNING: 'running',
  SUCCEEDED: 'completed',
  PARTIAL: 'completed',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  CANCELLED: 'failed',
}

const POLL_AGAIN_S = 2

/** Why a refresh failed, by its class: never a provider's own words. */
const WHY: Readonly<Record<string, string>> = {
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
export const taskStatus: Shape = async ({ parameters, query, now }, look) => {
  const run = runOfTask(parameters['task_id'] ?? '', look.job)
  const record = run === undefined ? undefined : await look.run(run)
  if (!record?.task || !isKept(record, now)) return notFound()
  const state = taskState(record, now)
  const status = WORDS[state]
  const common = { status, state, start_time: isoSeconds(record.startedAt) }
  const answer = (task: { readonly [name: string]: JsonValue }, headers = {}): Shaped => ({
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
    const duration = seconds(now - record.startedAt)
    return answer({ ...common, duration }, { 'retry-after': String(POLL_AGAIN_S) })
  }
  const ended = { ...common, ...endOf(record, now) }
  if (status === 'failed') return answer({ ...ended, error: errorOf(record, state) })
  const result = await look.page(record.id, Number(query['page'] ?? '1') - 1)
  return result === undefined ? notFound('Page not found') : answer({ ...ended, result })
}

function endOf(record: RunRecord, now: number) {
  const end = taskEndedAt(record, now) ?? now
  return { end_time: isoSeconds(end), duration: seconds(end - record.startedAt) }
}

function errorOf({ reason, message = '' }: RunRecord, state: TaskState): string {
  if (state === 'TIMED_OUT') return WHY['timeout'] as string
  if (message.startsWith(NO_VENUE))
    return (message.split(' — ')[0] as string).replace('provider answered', 'venue available')
  return WHY[reason ?? ''] ?? `the refresh failed: ${reason ?? 'unknown'}`
}

function notFound(message = 'Task not found'): Shaped {
  return { answer: 'failure', status: 404, message }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
