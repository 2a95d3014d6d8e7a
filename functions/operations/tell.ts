import type { Job } from '#shared/declare/job.ts'
import type { Control } from '#shared/domain/records/control.ts'
import { toldOf } from '#shared/engine/told.ts'
import type { Call } from './operation.ts'

/**
 * Tells anybody what was decided for a job. It holds all the same where it cannot be told: the watchdog makes up for
 * that.
 */
export async function tell(job: Job, control: Control, { ports }: Pick<Call, 'ports'>): Promise<void> {
  try {
    await ports.store.states.notePause(job.id, toldOf(control))
  } catch (error) {
    ports.log.warn('What was decided could not be told to readers yet', { job: job.id, error })
  }
}
