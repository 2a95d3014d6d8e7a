import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { withAudit } from '../audit.ts'
import type { OperationContext, OperationPorts } from '../http/operation.ts'
import { HttpError } from '../http/response.ts'

/** What an operator's run refreshes: the whole job, one key, or what the parameters of the job's tasks select. */
interface RunTarget {
  readonly job: Job
  readonly key?: string | undefined
  readonly params?: Params | undefined
}

/** Publishes an operator's request for a run with this id. */
export async function requestRun(
  runId: string,
  { job, key, params }: RunTarget,
  { bus }: Pick<OperationPorts, 'bus'>,
): Promise<void> {
  const detail = { job: job.id, cause: 'operator', runId, ...defined({ key, params }) } as const
  await bus.publish({ type: 'refresh.requested', detail })
}

/**
 * Requests a run of the whole job, with an audit entry.
 *
 * @returns the id of the run
 * @throws {HttpError} 503 when the bus rejects the request
 */
export async function requestJobRun(job: Job, call: OperationContext): Promise<string> {
  const { clock, random } = call.ports
  const runId = freeRunId(job.id, clock.now(), random)
  const change = {
    action: 'trigger',
    target: { job: job.id },
    after: { run_id: runId },
    message: () => `Run ${runId} requested`,
  }
  await withAudit(call, change, () => requestRun(runId, { job }, call.ports))
  return runId
}

/** The longest wait for the end of another run; the gateway's limit is 30 s. */
const MAX_WAIT_MS = 20_000

/** A run that has no record after this time is delayed on the bus and is not expected to overlap. */
const START_TIMEOUT_MS = 4_000

const POLL_MS = 200

/**
 * Requests one run after a change of the control. A run in progress may have read the control before the change, and a
 * concurrent run would be skipped: hence the wait for its end, at most 20 s.
 *
 * @returns the run's id; `undefined` if none was requested because the job is off or the other run did not end
 * @throws {HttpError} 503 when the bus rejects the request
 */
export async function triggerAfterChange(job: Job, call: OperationContext): Promise<string | undefined> {
  if (job.off !== undefined) return undefined
  // A task waits for the lease itself.
  if (job.run.mode === 'task') return requestJobRun(job, call)
  const deadline = call.ports.clock.now() + MAX_WAIT_MS
  for (;;) {
    if (!(await waitUntilNotRunning(job, deadline, call))) return undefined
    const runId = await requestJobRun(job, call)
    if (!(await isSkippedForOverlap(runId, job, call))) return runId
  }
}

/** Waits until no run has the lease; false if the deadline passes first. */
async function waitUntilNotRunning(
  { id }: Job,
  deadline: number,
  { ports }: OperationContext,
): Promise<boolean> {
  const { store, clock } = ports
  const isFree = await pollUntil(clock, { deadline, firstMs: POLL_MS }, async () => {
    const { lease } = await store.states.get(id)
    return lease === undefined || lease.until <= clock.now() || undefined
  })
  return isFree ?? false
}

/** Whether the run was skipped because another one took the lease first. */
async function isSkippedForOverlap(
  runId: string,
  { id }: Job,
  { ports }: OperationContext,
): Promise<boolean> {
  const { store, clock } = ports
  const deadline = clock.now() + START_TIMEOUT_MS
  const run = await pollUntil(clock, { deadline, firstMs: POLL_MS }, () => store.runs.get(id, runId))
  return run?.status === 'skipped' && run.reason === 'overlap'
}

/** The run that has the lease started at most this long ago. */
const MAX_RUN_AGE_MS = DAY_MS

/** @throws {HttpError} 409 while a run has the job's lease; with the run's id if it has a record */
export async function assertNotRunning(job: Job, call: OperationContext): Promise<void> {
  const { isLeased, run } = await leaseHolder(job, call)
  if (!isLeased) return
  throw new HttpError({
    status: 409,
    message: 'Job is already running',
    members: defined({ run_id: run?.id }),
  })
}

/** Whether a run has the job's lease, and that run if it has a record. */
export async function leaseHolder(
  { id }: Job,
  { ports }: Pick<OperationContext, 'ports'>,
): Promise<{ readonly isLeased: boolean; readonly run?: RunRecord | undefined }> {
  const now = ports.clock.now()
  const { lease } = await ports.store.states.get(id)
  if (lease === undefined || lease.until <= now) return { isLeased: false }
  const runs = await ports.store.runs.list(id, { from: now - MAX_RUN_AGE_MS, to: now, limit: 100 })
  return {
    isLeased: true,
    run: runs.find(({ owner, status }) => owner === lease.owner && status === 'running'),
  }
}
