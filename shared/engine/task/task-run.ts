import { RefreshError } from '#shared/domain/errors.ts'
import type { Params } from '#shared/domain/json.ts'
import { noCounts, type Outcome } from '#shared/domain/outcome.ts'
import {
  CLOSE_CUTOFF_MS,
  isLive,
  type RunRecord,
  type TaskState,
  taskState,
} from '#shared/domain/records/run-record.ts'
import type { RunState, Work } from '../model/run-state.ts'
import { recordOutcome } from '../record/record.ts'

/** Publishing begins so long before the deadline, or not at all. */
export const PUBLISH_CUTOFF_MS = 12_000

/** Nothing is fetched from so long before the deadline on. */
const FETCH_CUTOFF_MS = 14_000

/** A task between two steps. */
export interface TaskRun {
  readonly record: RunRecord & Required<Pick<RunRecord, 'task'>>
  readonly state: RunState
}

/**
 * The task that a step belongs to, as it stands in the table.
 *
 * @param stopBy - when the invocation ends
 * @returns nothing more to do, where it has ended already; one past its deadline is closed first
 * @throws {TypeError} for a run that is not recorded, or is no task: the step is of another job's machine
 */
export async function readTask<V>(id: string, work: Work<V>, stopBy: number): Promise<TaskRun | undefined> {
  const { job, ports } = work
  const found = await ports.store.runs.get(job.id, id)
  if (!found?.task) throw new TypeError(`expected a task of ${job.id}, got ${JSON.stringify(id)}`)
  const task = { record: { ...found, task: found.task }, state: taskRunState(found, found.task, stopBy) }
  const now = ports.clock.now()
  if (isLive(found, now)) return task
  if (found.status === 'running') await endTask(task.state, timedOutOutcome(), work)
  return undefined
}

function taskRunState(found: RunRecord, task: NonNullable<RunRecord['task']>, stopBy: number): RunState {
  const params = JSON.parse(task.params) as Params
  return {
    record: found,
    request: {
      cause: found.cause,
      runId: found.id,
      params,
      ...(found.tick === undefined ? {} : { tick: found.tick }),
      ...(found.input === undefined ? {} : { input: found.input }),
    },
    deadline: Math.min(task.deadlineAt - FETCH_CUTOFF_MS, stopBy),
    hasRecord: true,
    ...(found.fence === undefined ? {} : { fence: found.fence }),
    attempts: 0,
    retries: 0,
  }
}

/** Records a task's outcome as that of any run, and says how the machine ends: what is left out has not failed. */
export async function endTask<V>(state: RunState, outcome: Outcome, work: Work<V>): Promise<NextStep> {
  const { clock } = work.ports
  const { task } = state.record
  const isLate = task !== undefined && clock.now() >= task.deadlineAt - CLOSE_CUTOFF_MS
  const ended = await recordOutcome({ ...state, outcome: isLate ? timedOutOutcome() : outcome }, work)
  const final: TaskState = taskState(ended, clock.now())
  const isWell = final === 'SUCCEEDED' || final === 'PARTIAL' || ended.status === 'skipped'
  return { next: isWell ? 'end' : 'failed' }
}

/** The outcome of a task that its deadline has ended. */
export function timedOutOutcome(): Outcome {
  const { reason, message } = new RefreshError('timeout', 'the task did not end within its deadline')
  return { status: 'failed', reason, message, counts: noCounts }
}

/** What the machine of a task asks the job's function for. */
export type TaskStep =
  /** Gate, lease and plan; again after a wait while another run holds the lease. */
  | { readonly step: 'begin'; readonly run: string }
  /** One part of the plan. */
  | { readonly step: 'chunk'; readonly run: string; readonly chunk: number }
  /** Publishes what belongs together, writes the result, and records the outcome. */
  | { readonly step: 'finish'; readonly run: string }
  /** Ends a task whose machine failed. */
  | { readonly step: 'close'; readonly run: string; readonly error: string }

/** What the machine does next. */
export type NextStep =
  | { readonly next: 'wait'; readonly seconds: number }
  | { readonly next: 'chunks'; readonly chunks: readonly ChunkInput[] }
  | { readonly next: 'finish' }
  /** `failed`: so that the machine's own figures say so too. */
  | { readonly next: 'end' | 'failed' }

/** What one branch of the machine is told. */
interface ChunkInput {
  readonly run: string
  readonly chunk: number
}
