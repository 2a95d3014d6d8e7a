import type { Job } from '#shared/declare/job.ts'
import type { Call } from './operation.ts'
import { Refused } from './refused.ts'

/** A run that holds the lease began at most so long ago. */
const LONGEST_RUN_MS = 86_400_000

/** @throws {Refused} 409, with the run's id where it is known, while a run holds the job's lease */
export async function expectIdle({ id }: Job, { ports, request }: Call): Promise<void> {
  const { lease } = await ports.store.states.get(id)
  if (lease === undefined || lease.until <= request.at) return
  const span = { from: request.at - LONGEST_RUN_MS, to: request.at, limit: 100 }
  const runs = await ports.store.runs.list(id, span)
  const holder = runs.find(({ owner, status }) => owner === lease.owner && status === 'running')
  throw new Refused({
    status: 409,
    message: 'Job is already running',
    members: holder ? { run_id: holder.id } : {},
  })
}
