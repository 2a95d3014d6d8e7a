import type { Job } from '#shared/declare/job.ts'
import { hashOf } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { Datasets, type ReadStore } from '#shared/read/datasets.ts'
import type { RefreshTarget } from '#shared/read/refresh-requests.ts'
import type { Representation } from '#shared/read/representation.ts'
import { withAudit } from '../audit.ts'
import type { OperationContext, OperationPorts } from '../http/operation.ts'
import { leaseHolder, requestRun } from '../runs/run-requests.ts'

/**
 * The run that a live read waits for: one that it has requested, or one in progress, which may have no record yet.
 * `limited`: the last live read of the target was too recent.
 */
type LiveRun =
  | { readonly status: 'started'; readonly id: string }
  | { readonly status: 'joined'; readonly id?: string | undefined }
  | { readonly status: 'limited'; readonly retryAfterMs: number }

const CLAIM_TTL_MS = HOUR_MS

/**
 * What to refresh: a whole job, one key, or with `params` the keys that the parameters of the job's tasks name. `spacingMs`:
 * the least time between two live reads of it, if the route declares one.
 */
type LiveTarget = RefreshTarget & { readonly params?: Params; readonly spacingMs?: number | undefined }

/**
 * Joins the run in progress for the same target, or requests one, with an audit entry. The run is claimed in the table
 * before the request is published, so that concurrent requests start one run. With a spacing, the claim is also the time
 * of the last live read, whether or not its request could be published.
 *
 * @throws {HttpError} 503 when the bus rejects the request
 */
export async function joinOrStartRun(target: LiveTarget, call: OperationContext): Promise<LiveRun> {
  const { job, key, params, spacingMs } = target
  const { store, clock } = call.ports
  // An Idempotency-Key has no space, so no hash of one can be equal.
  const hash = hashOf(params === undefined ? `live ${key ?? ''}` : `live keys ${JSON.stringify(params)}`)
  const previous = await store.operatorClaims.get(job.id, hash, clock.now())
  const limit = spacingLimit(previous, spacingMs, clock.now())
  if (limit) return limit
  if (key === undefined && params === undefined) {
    const { isLeased, run } = await leaseHolder(job, call)
    if (isLeased) return { status: 'joined', id: run?.id }
  }
  if (previous && (await isPendingOrRunning(previous, job.id, call)))
    return { status: 'joined', id: previous.runId }

  const claim = newClaim(hash, job, call.ports)
  const result = await store.operatorClaims.replace(job.id, claim, previous, claim.claimedAt)
  if (!result.written)
    return (
      spacingLimit(result.stored, spacingMs, clock.now()) ?? { status: 'joined', id: result.stored?.runId }
    )
  await startRun(claim.runId, target, call)
  return { status: 'started', id: claim.runId }
}

function spacingLimit(
  last: Claim | undefined,
  spacingMs: number | undefined,
  now: number,
): Extract<LiveRun, { status: 'limited' }> | undefined {
  if (last === undefined || spacingMs === undefined) return undefined
  const retryAfterMs = last.claimedAt + spacingMs - now
  return retryAfterMs > 0 ? { status: 'limited', retryAfterMs } : undefined
}

function newClaim(hash: string, job: Job, { clock, random }: OperationPorts): Claim {
  const claimedAt = clock.now()
  const runId = freeRunId(job.id, claimedAt, random)
  const expiresAt = claimedAt + CLAIM_TTL_MS
  return { hash, requestHash: hash, runId, createdAt: claimedAt, claimedAt, isPublished: true, expiresAt }
}

async function startRun(
  runId: string,
  { job, key, params }: LiveTarget,
  call: OperationContext,
): Promise<void> {
  const change = {
    action: 'live-read',
    target: { job: job.id },
    after: { run_id: runId, ...defined({ key }), ...params },
    message: () => `Run ${runId} requested for a live read`,
  }
  await withAudit(call, change, () => requestRun(runId, { job, key, params }, call.ports))
}

/** Whether a claimed run is running, or may still start: it has as long as a read waits. */
async function isPendingOrRunning(
  { runId, claimedAt }: Claim,
  job: string,
  { ports }: OperationContext,
): Promise<boolean> {
  const now = ports.clock.now()
  const run = await ports.store.runs.get(job, runId)
  return run ? run.status === 'running' && run.leaseUntil > now : now - claimedAt < VALUE_WAIT_MS
}

/** The longest wait for the value of one key. */
export const VALUE_WAIT_MS = 8_000

const FIRST_POLL_MS = 100
const MAX_POLL_MS = 500

/** The result of a wait: a value, or none and the run that ended without one. */
type WaitResult =
  | { readonly status: 'refreshed'; readonly value: Representation }
  /** Without `run`, the run has not ended in time. */
  | { readonly status: 'missing'; readonly run?: RunRecord }

/**
 * Waits for a stored value that is newer than `before`, or for the end of the run, for at most 8 s. The stored value
 * also counts as refreshed when the run has confirmed it.
 */
export async function waitForValue(
  runId: string | undefined,
  before: Representation | undefined,
  readValue: ReadValue,
  job: Job,
  { ports }: OperationContext,
): Promise<WaitResult> {
  const { clock, store } = ports
  const schedule = {
    deadline: clock.now() + VALUE_WAIT_MS,
    firstMs: FIRST_POLL_MS,
    maxMs: MAX_POLL_MS,
    startsWithWait: true,
  }
  const result = await pollUntil<WaitResult>(clock, schedule, async () => {
    // The record is closed after the value is written. Read in this order, a closed record never hides a value.
    const run = runId === undefined ? undefined : await store.runs.get(job.id, runId)
    const value = await readValue()
    if (value && isNewer(value, before)) return { status: 'refreshed', value }
    if (run === undefined || run.status === 'running' || isOverlap(run)) return undefined
    return value && isConfirmed(run) ? { status: 'refreshed', value } : { status: 'missing', run }
  })
  return result ?? { status: 'missing' }
}

export function isNewer({ checkedAt }: Representation, before: Representation | undefined): boolean {
  return before === undefined || checkedAt > before.checkedAt
}

/** Whether the run succeeded, so that the stored value is what the source has, even if it did not change. */
export function isConfirmed(run: RunRecord | undefined): boolean {
  return run?.status === 'succeeded' || run?.status === 'unchanged'
}

/** Whether the run was skipped because another one refreshes the same data, whose value serves as well. */
function isOverlap({ status, reason }: RunRecord): boolean {
  return status === 'skipped' && reason === 'overlap'
}

/** Reads the stored value of one key, if it can be served. @throws the table's error */
type ReadValue = () => Promise<Representation | undefined>

/** A consistent reader of one key that bypasses the cache. */
export function consistentReader(
  job: Job,
  key: string,
  { store, clock }: Pick<OperationPorts, 'store' | 'clock'>,
): ReadValue {
  const datasets = new Datasets(consistentStore(store), clock)
  return async () => {
    const { value, failure } = await datasets.read(job, key, true)
    if (failure !== undefined) throw failure
    return value
  }
}

/** The datasets of a store, read consistently: a read returns every earlier write. */
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
