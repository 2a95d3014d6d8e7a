import { assertNever } from '#shared/domain/errors.ts'
import type { Work } from '../context.ts'
import { beginTask } from './begin.ts'
import { runChunk } from './chunk.ts'
import { closeTask } from './close.ts'
import { finishTask } from './finish.ts'
import type { NextStep, TaskStep } from './step.ts'

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
