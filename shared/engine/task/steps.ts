import { assertNever } from '#shared/domain/errors.ts'
import { noCounts } from '#shared/domain/outcome.ts'
import type { Work } from '../model/run-state.ts'
import { beginTask } from './begin.ts'
import { runChunk } from './chunk.ts'
import { finishTask } from './finish.ts'
import { endTask, type NextStep, readTask, type TaskStep, timedOutOutcome } from './task-run.ts'

/**
 * Takes one step of a task. Every step may be said again: it finds what an earlier one has done.
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
 * Ends a task whose machine failed.
 *
 * @param error - the machine's own name for it, such as `States.Timeout`
 */
export async function closeTask<V>(
  run: string,
  error: string,
  work: Work<V>,
  stopBy: number,
): Promise<NextStep> {
  const found = await readTask(run, work, stopBy)
  if (!found) return { next: 'failed' }
  const message = `a step of the task failed: ${error}`
  const outcome =
    error === 'States.Timeout'
      ? timedOutOutcome()
      : ({ status: 'failed', reason: 'defect', message, counts: noCounts } as const)
  return endTask(found.state, outcome, work)
}
