import type { Job } from '#shared/declare/job.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { withAudit } from './audit.ts'
import type { OperationContext, OperationPorts } from './http/operation.ts'
import { HttpError } from './http/response.ts'

/** What an operator wants a run of: the whole job, one key of it, or what the parameters of its tasks say. */
export interface RunTarget {
  readonly job: Job
  readonly key?: string | undefined
  readonly params?: Params | undefined
}

/** Tells the bus that an operator wants a run, under an id that is promised. */
export async function requestRun(
  runId: string,
  { job, key, params }: RunTarget,
  { bus }: Pick<OperationPorts, 'bus'>,
): Promise<void> {
  const wish = {
    job: job.id,
    cause: 'operator',
    runId,
    ...(key === undefined ? {} : { key }),
    ...(params === undefined ? {} : { params }),
  } as const
  await bus.publish({ type: 'refresh.requested', detail: wish })
}

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
