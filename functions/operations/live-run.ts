import { hashOf } from '#shared/domain/codec.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { RefreshTarget } from '#shared/read/refresh-requests.ts'
import { requestRun } from './ask-for-run.ts'
import { leaseHolder } from './idle.ts'
import { MAX_WAIT_MS } from './live-wait.ts'
import type { OperationContext } from './operation.ts'
import { withAudit } from './recorded.ts'

/** The run that a live read waits for. */
interface LiveRun {
  /** Unknown of one that is under way and not yet recorded. */
  readonly id?: string | undefined
  /** It was asked for by this request. */
  readonly isStartedHere: boolean
}

const TRIGGER_TTL_MS = 3_600_000

/** The same, of some keys by the parameters of the job's tasks. */
export type LiveTarget = RefreshTarget & { readonly params?: Params }

/**
 * The run that is under way for a key, or for the same keys, or else one that is asked for, with an audit entry. Which
 * one that is stands in the table before the bus is told: however many ask at once, one of them asks for one run.
 *
 * @throws {Refused} 503 when the bus does not take it
 */
export async function joinOrStartRun(
  { job, key, params }: LiveTarget,
  call: OperationContext,
): Promise<LiveRun> {
  const { store, clock, random } = call.ports
  if (key === undefined && params === undefined) {
    const { isHeld, run } = await leaseHolder(job, call)
    if (isHeld) return { id: run?.id, isStartedHere: false }
  }
  // an Idempotency-Key has no blank in it, so that none is met
  const hash = hashOf(params === undefined ? `live ${key ?? ''}` : `live keys ${JSON.stringify(params)}`)
  const before = await store.operatorClaims.get(job.id, hash, clock.now())
  if (before && (await isPendingOrRunning(before, job.id, call)))
    return { id: before.runId, isStartedHere: false }

  const claimedAt = clock.now()
  const runId = freeRunId(job.id, claimedAt, random)
  const taken = {
    hash,
    requestHash: hash,
    runId,
    claimedAt,
    isPublished: true,
    expiresAt: claimedAt + TRIGGER_TTL_MS,
  }
  const result = await store.operatorClaims.replace(job.id, taken, before, claimedAt)
  if (!result.written) return { id: result.stored?.runId, isStartedHere: false }
  const after = { run_id: runId, ...(key === undefined ? {} : { key }), ...params }
  const change = { action: 'live-read', subject: `job:${job.id}`, after }
  await withAudit(call, change, () => requestRun(runId, { job, key, params }, call.ports))
  return { id: runId, isStartedHere: true }
}

/** One that was asked for and has not begun is given the time that a reader waits. */
async function isPendingOrRunning(
  { runId, claimedAt }: Claim,
  job: string,
  { ports }: OperationContext,
): Promise<boolean> {
  const now = ports.clock.now()
  const run = await ports.store.runs.get(job, runId)
  return run ? run.status === 'running' && run.leaseUntil > now : now - claimedAt < MAX_WAIT_MS
}
