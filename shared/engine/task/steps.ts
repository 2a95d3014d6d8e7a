import { assertNever, RefreshError } from '#shared/domain/errors.ts'
import { failedOutcome } from '#shared/domain/outcome.ts'
import type { Work } from '../model/run-state.ts'
import { beginTask } from './begin.ts'
import { runChunk } from './chunk.ts'
import { finishTask } from './finish.ts'
import { endTask, type NextStep, readTask, type TaskStep, timedOutOutcome, withProgress } from './task-run.ts'

/**
 * Runs one step of a task. Every step is idempotent.
 *
 * @param stopBy - when the invocation ends, in milliseconds since the epoch
 */
export async function runTaskStep<V>(
  step: TaskStep,
  work: Work<V>,
  stopBy: number,
): Promise<NextStep | undefined> {
  switch (step.step) {
    case 'begin':
      return beginTask(step.run, work, stopBy)
    case 'chunk':
      await runChunk(step.run, step.chunk, work, stopBy)
      return undefined
    case 'finish':
      return finishTask(step.run, work, stopBy)
    case 'close':
      return closeTask(step.run, step.error, work, stopBy)
    default:
      return assertNever(step)
  }
}

/**
 * Ends a task whose state machine failed.
 *
 * @param error - the state machine's name of the error, such as `States.Timeout`
 */
async function closeTask<V>(run: string, error: string, work: Work<V>, stopBy: number): Promise<NextStep> {
  const taskRun = await readTask(run, work, stopBy)
  if (!taskRun) return { next: 'failed' }
  const message = `a step of the task failed: ${error}`
  const outcome =
    error === 'States.Timeout' ? timedOutOutcome() : failedOutcome({ reason: 'defect', message })
  const failure = new RefreshError(outcome.reason, outcome.message)
  return endTask(await withProgress(taskRun.state, failure, work), outcome, work)
}
