import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Params } from '#shared/domain/json.ts'
import { failedOutcome, isSuccess, noCounts, type Outcome } from '#shared/domain/outcome.ts'
import { CLOSE_CUTOFF_MS, isLive, type RunRecord } from '#shared/domain/records/run-record.ts'
import { shown } from '#shared/domain/text.ts'
import { countResults } from '../model/results.ts'
import type { RunState, Work } from '../model/run-state.ts'
import { recordOutcome } from '../record/record.ts'
import { readChunkOutcomes, stateWithProgress } from './chunk-outcomes.ts'

/** A task begins to publish its result at least this long before its deadline. */
export const PUBLISH_CUTOFF_MS = 12_000

/** A task starts no call later than this long before its deadline. */
const FETCH_CUTOFF_MS = 14_000

/** A task between two steps. */
export interface TaskRun {
  readonly record: RunRecord & Required<Pick<RunRecord, 'task'>>
  readonly state: RunState
}

/**
 * Reads the task of a step. A task past its deadline is closed.
 *
 * @param stopBy - when the invocation ends
 * @returns `undefined` when the task has ended
 * @throws {TypeError} for a run that is not stored or not a task: the step belongs to another job's state machine
 */
export async function readTask<V>(id: string, work: Work<V>, stopBy: number): Promise<TaskRun | undefined> {
  const { job, ports } = work
  const record = await ports.store.runs.get(job.id, id)
  if (!record?.task) throw new TypeError(`expected a task of ${job.id}, got ${shown(id)}`)
  const taskRecord = { ...record, task: record.task }
  const state = taskRunState(taskRecord, stopBy)
  if (isLive(record, ports.clock.now())) return { record: taskRecord, state }
  if (record.status === 'running') {
    await endTask(await withProgress(state, timeoutError(), work), timedOutOutcome(), work)
  }
  return undefined
}

/**
 * The state of a task that ends without a result of its own, with what its chunks did. When that cannot be read, the
 * task still ends.
 */
export async function withProgress<V>(
  state: RunState,
  error: RefreshError,
  work: Work<V>,
): Promise<RunState> {
  try {
    return stateWithProgress(state, await readChunkOutcomes(state, work), error)
  } catch (failure) {
    const fields = { job: work.job.id, run_id: state.record.id, error: failure }
    work.ports.log.warn('What a task has done before it ended cannot be read', fields)
    return state
  }
}

function taskRunState(record: TaskRun['record'], stopBy: number): RunState {
  const { id, cause, tick, input, fence, task } = record
  const params = JSON.parse(task.params) as Params
  return {
    record,
    request: { cause, runId: id, params, ...defined({ tick, input }) },
    deadline: Math.min(task.deadlineAt - FETCH_CUTOFF_MS, stopBy),
    hasRecord: true,
    ...defined({ fence }),
    attempts: 0,
    retries: 0,
    slow: 0,
  }
}

/** Records the outcome of a task, and returns how its state machine ends: a skipped task has not failed. */
export async function endTask<V>(state: RunState, outcome: Outcome, work: Work<V>): Promise<NextStep> {
  const { task } = state.record
  const isLate = task !== undefined && work.ports.clock.now() >= task.deadlineAt - CLOSE_CUTOFF_MS
  const end = withCounts(isLate ? timedOutOutcome() : outcome, state)
  const record = end.status === 'failed' ? await withRetryAt(state.record, work) : state.record
  const { status } = await recordOutcome({ ...state, record, outcome: end }, work)
  const hasEndedWell = status === 'skipped' || (status !== 'running' && isSuccess(status))
  return { next: hasEndedWell ? 'end' : 'failed' }
}

/** The record of a failed task with the end of the last cool-down of its upstreams, for submissions of the same work. */
async function withRetryAt<V>(record: RunRecord, { job, upstream, otherUpstreams = [], ports }: Work<V>) {
  if (!record.task) return record
  try {
    const states = await Promise.all(
      [upstream, ...otherUpstreams]
        .filter((provider) => provider !== undefined)
        .map(({ name }) => ports.store.upstreams.get(name)),
    )
    const now = ports.clock.now()
    const ends = states
      .flatMap(({ coolDown, breaker }) => [coolDown?.until ?? now, breaker.openUntil ?? now])
      .filter((until) => until > now)
    const retryAt = ends.length === 0 ? undefined : Math.max(...ends)
    return { ...record, task: { ...record.task, ...defined({ retryAt }) } }
  } catch (error) {
    const fields = { job: job.id, run_id: record.id, error }
    ports.log.warn('The cool-downs of a failed task cannot be read', fields)
    return record
  }
}

/** A failure of the task itself counts the keys that it has results for. */
function withCounts(outcome: Outcome, { results }: RunState): Outcome {
  if (outcome.status !== 'failed' || outcome.counts !== noCounts || !results) return outcome
  return { ...outcome, counts: countResults(results) }
}

/** The failure of everything that a task had not done by its deadline. */
export function timeoutError(): RefreshError {
  return new RefreshError('timeout', 'the task did not end within its deadline')
}

/** The outcome of a task that its deadline ended. */
export function timedOutOutcome(): ReturnType<typeof failedOutcome> {
  return failedOutcome(timeoutError())
}

/** The input of the job's function, from its state machine. */
export type TaskStep =
  /** Gate, lease and plan; repeated after each wait for the lease. */
  | { readonly step: 'begin'; readonly run: string }
  /** One chunk of the plan. */
  | { readonly step: 'chunk'; readonly run: string; readonly chunk: number }
  /** Publishes the set, writes the result, and records the outcome. */
  | { readonly step: 'finish'; readonly run: string }
  /** Ends a task whose state machine failed. */
  | { readonly step: 'close'; readonly run: string; readonly error: string }

/** What the state machine does next. Its definition reads `next`. */
export type NextStep =
  | { readonly next: 'wait'; readonly seconds: number }
  | { readonly next: 'chunks'; readonly chunks: readonly ChunkInput[] }
  | { readonly next: 'finish' }
  /** `failed`: the execution fails too, so that the metrics of Step Functions count it. */
  | { readonly next: 'end' | 'failed' }

/** The input of one branch of the Map state. */
interface ChunkInput {
  readonly run: string
  readonly chunk: number
}
