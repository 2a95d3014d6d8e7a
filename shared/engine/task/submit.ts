import { claimWork, ensureStarted } from './claim-work.ts'
import { submitWithKey } from './idempotency-key.ts'
import { fixedRunId, type Submission, type SubmitPorts, type SubmitResult } from './submission.ts'

export type { SubmitPorts, SubmitResult } from './submission.ts'

/**
 * Submits a task; routes, schedules and the bus all use it. It claims the work by a conditional write, records the task
 * and starts its state machine: concurrent submissions of the same work get one task.
 *
 * @throws what the table throws; no task is promised then
 */
export async function submit(request: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const submission = { ...request, params: { ...request.job.params, ...request.params } }
  const { job, idempotencyKey } = submission
  if (idempotencyKey !== undefined) return submitWithKey(idempotencyKey, submission, ports)
  const id = fixedRunId(submission)
  const stored = id === undefined ? undefined : await ports.store.runs.get(job.id, id)
  if (!stored) return claimWork(submission, ports)
  return { status: 'repeated', run: await ensureStarted(stored, ports) }
}
