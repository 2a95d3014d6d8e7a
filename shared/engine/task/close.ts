import { noCounts } from '#shared/domain/outcome.ts'
import type { Work } from '../context.ts'
import type { NextStep } from './step.ts'
import { endTask, taskRun, timedOut } from './task-run.ts'

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
  const found = await taskRun(run, work, stopBy)
  if (!found) return { next: 'failed' }
  const message = `a step of the task failed: ${error}`
  const outcome =
    error === 'States.Timeout'
      ? timedOut()
      : ({ status: 'failed', reason: 'defect', message, counts: noCounts } as const)
  return endTask(found.state, outcome, work)
}
