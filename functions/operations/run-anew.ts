import type { Job } from '#shared/declare/job.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import { requestRun } from './ask-for-run.ts'
import type { OperationContext } from './operation.ts'
import { withAudit } from './recorded.ts'

/** Nobody waits longer for a run that is under way; the gateway gives up after thirty seconds. */
const MAX_WAIT_MS = 20_000

/** A run that was asked for has begun by then, or the bus is slow and it will meet nobody. */
const START_TIMEOUT_MS = 4_000

const POLL_MS = 200

/**
 * Asks for one run that obeys what was just decided. A run that is under way may have looked before, and another one
 * beside it would be left out: its end is waited for, twenty seconds at most.
 *
 * @returns the run's id; `undefined` where none was asked for, because the job is off or the other run goes on
 * @throws {Refused} 503 when the bus does not take it
 */
export async function triggerAfterChange(job: Job, call: OperationContext): Promise<string | undefined> {
  const { clock, random } = call.ports
  if (job.off !== undefined) return undefined
  const until = clock.now() + MAX_WAIT_MS
  for (;;) {
    // a task waits for its turn by itself
    const isTask = job.run.mode === 'task'
    if (!isTask && !(await waitUntilNotRunning(job, until, call))) return undefined
    const runId = freeRunId(job.id, clock.now(), random)
    const change = { action: 'trigger', subject: `job:${job.id}`, after: { run_id: runId } }
    await withAudit(call, change, () => requestRun(runId, { job }, call.ports))
    if (isTask || !(await isSkippedForOverlap(runId, job, call))) return runId
  }
}

/** Waits for the end of the run that holds the lease. */
async function waitUntilNotRunning(
  { id }: Job,
  until: number,
  { ports }: OperationContext,
): Promise<boolean> {
  const { store, clock } = ports
  for (;;) {
    const { lease } = await store.states.get(id)
    if (lease === undefined || lease.until <= clock.now()) return true
    if (clock.now() >= until) return false
    await clock.sleep(POLL_MS)
  }
}

/** Whether the run has met another one that took the lease in between. */
async function isSkippedForOverlap(
  runId: string,
  { id }: Job,
  { ports }: OperationContext,
): Promise<boolean> {
  const { store, clock } = ports
  const until = clock.now() + START_TIMEOUT_MS
  while (clock.now() < until) {
    const run = await store.runs.get(id, runId)
    if (run) return run.status === 'skipped' && run.reason === 'overlap'
    await clock.sleep(POLL_MS)
  }
  return false
}
