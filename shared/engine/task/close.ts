import { noCounts } from '#shared/domain/outcome.ts'
import type { Work } from '../context.ts'
import type { NextStep } from './step.ts'
import { endTask, readTask, timedOutOutcome } from './task-run.ts'

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
