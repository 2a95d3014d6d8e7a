import type { Job } from '#shared/declare/job.ts'
import { type Control, publicControl } from '#shared/domain/records/control.ts'
import type { OperationContext } from './operation.ts'

/**
 * Tells anybody what was decided for a job. It holds all the same where it cannot be told: the watchdog makes up for
 * that.
 */
export async function publishControl(
  job: Job,
  control: Control,
  { ports }: Pick<OperationContext, 'ports'>,
): Promise<void> {
  try {
    await ports.store.states.setPublicControl(job.id, publicControl(control))
  } catch (error) {
    ports.log.warn('What was decided could not be told to readers yet', { job: job.id, error })
  }
}
