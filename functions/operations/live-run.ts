import type { Job } from '#shared/declare/job.ts'
import { hashOf } from '#shared/domain/codec.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { Datasets, type ReadStore } from '#shared/read/datasets.ts'
import type { RefreshTarget } from '#shared/read/refresh-requests.ts'
import type { Representation } from '#shared/read/representation.ts'
import { withAudit } from './audit.ts'
import type { OperationContext, OperationPorts } from './http/operation.ts'
import { leaseHolder, requestRun } from './run-requests.ts'

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

/** Nobody waits longer for a live read. */
export const MAX_WAIT_MS = 8_000

const FIRST_POLL_MS = 100
const MAX_POLL_MS = 500

/** How a wait for a run ended: with its value, or without one, because the run ended so or has not ended. */
type WaitResult =
  | { readonly status: 'there'; readonly value: Representation }
  | { readonly status: 'missing'; readonly run: RunRecord | undefined }

/**
 * Waits until a value newer than `before` is stored, or the run has ended without one, at most eight seconds. A run that
 * found nothing newer ended well all the same: what is stored is what the source has.
 */
export async function waitForValue(
  runId: string | undefined,
  before: Representation | undefined,
  look: ReadValue,
  job: Job,
  { ports }: OperationContext,
): Promise<WaitResult> {
  const { clock, store } = ports
  const deadline = clock.now() + MAX_WAIT_MS
  for (let wait = FIRST_POLL_MS; clock.now() < deadline; wait = Math.min(wait * 1.5, MAX_POLL_MS)) {
    await clock.sleep(Math.min(wait, deadline - clock.now()))
    // the record is closed after the value stands: asked for first, it cannot hide one
    const run = runId === undefined ? undefined : await store.runs.get(job.id, runId)
    const value = await look()
    if (value && isNewer(value, before)) return { status: 'there', value }
    if (run === undefined || run.status === 'running' || isOverlap(run)) continue
    const isConfirmed = run.status === 'succeeded' || run.status === 'unchanged'
    return value && isConfirmed ? { status: 'there', value } : { status: 'missing', run }
  }
  return { status: 'missing', run: undefined }
}

function isNewer({ checkedAt }: Representation, before: Representation | undefined): boolean {
  return before === undefined || checkedAt > before.checkedAt
}

/** The run has met another one of the same key, whose value will do. */
function isOverlap({ status, reason }: RunRecord): boolean {
  return status === 'skipped' && reason === 'overlap'
}

/** What the table holds of one key right now, if it can be served. @throws what the table throws */
export type ReadValue = () => Promise<Representation | undefined>

/** A look that is consistent, and that no copy in memory stands before. */
export function consistentReader(
  job: Job,
  key: string,
  { store, clock }: Pick<OperationPorts, 'store' | 'clock'>,
): ReadValue {
  const found = new Datasets(consistentStore(store), clock)
  return async () => {
    const { value, failure } = await found.read(job, key, true)
    if (failure !== undefined) throw failure
    return value
  }
}

/** The data of a store, looked at so that whatever was written before is seen. */
export function consistentStore({
  items,
  snapshots,
}: Pick<OperationPorts['store'], 'items' | 'snapshots'>): ReadStore {
  return {
    items: {
      get: (job, key) => items.get(job, key, { consistent: true }),
      getMany: (job, keys) => items.getMany(job, keys, { consistent: true }),
    },
    snapshots: {
      head: (job, key) => snapshots.head(job, key, { consistent: true }),
      entries: snapshots.entries,
    },
  }
}
