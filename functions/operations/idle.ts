import type { Job } from '#shared/declare/job.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { OperationContext } from './operation.ts'
import { HttpError } from './refused.ts'

/** A run that holds the lease began at most so long ago. */
const MAX_RUN_AGE_MS = 86_400_000

/** @throws {HttpError} 409, with the run's id where it is known, while a run holds the job's lease */
export async function assertNotRunning(job: Job, call: OperationContext): Promise<void> {
  const { isHeld, run } = await leaseHolder(job, call)
  if (!isHeld) return
  throw new HttpError({
    status: 409,
    message: 'Job is already running',
    members: run ? { run_id: run.id } : {},
  })
}

/** Whether a run holds the job's lease, and which one where its record is found. */
export async function leaseHolder(
  { id }: Job,
  { ports }: Pick<OperationContext, 'ports'>,
): Promise<{ readonly isHeld: boolean; readonly run?: RunRecord | undefined }> {
  const now = ports.clock.now()
  const { lease } = await ports.store.states.get(id)
  if (lease === undefined || lease.until <= now) return { isHeld: false }
  const runs = await ports.store.runs.list(id, { from: now - MAX_RUN_AGE_MS, to: now, limit: 100 })
  return {
    isHeld: true,
    run: runs.find(({ owner, status }) => owner === lease.owner && status === 'running'),
  }
}
