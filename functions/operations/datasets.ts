import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { withAudit } from './audit.ts'
import type { OperationContext, OperationHandler, OperationPorts } from './http/operation.ts'
import {
  bodyMember,
  expectOnlyParameters,
  isoOrNull,
  jobOfPath,
  parseBody,
  parseLimit,
  textMember,
} from './http/request.ts'
import { HttpError, inEnvelope, jsonResponse, shown } from './http/response.ts'
import { expectKey, forEachKey } from './keys.ts'
import { assertNotRunning } from './run-requests.ts'

const invalidateBody = z.strictObject({
  key: z.optional(textMember('a key', 256)),
  prefix: z.optional(textMember('a prefix', 256)),
  all: z.optional(bodyMember<true>((value) => value === true, 'true')),
})

type InvalidationTarget = z.infer<typeof invalidateBody>

/** Marks what is stored as stale: one key, all that begin alike, or all. Nothing is deleted, and readers are answered. */
export const invalidate: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  const which = parseBody(call.request, invalidateBody)
  if (Object.keys(which).length !== 1) {
    throw new HttpError({ status: 400, message: 'expected exactly one of key, prefix and all: true' })
  }
  if (which.prefix !== undefined && job.stored === 'snapshot') {
    throw new HttpError({
      status: 400,
      message: `expected all: true, because ${job.id} is stored as one set`,
    })
  }
  return jsonResponse(200, { job: job.id, invalidated: await invalidateStored(job, which, call) })
}

/**
 * Marks what is asked for as stale, with an audit entry.
 *
 * @returns how many stored values are marked now, be they marked before or not
 * @throws {HttpError} 400 for a key that no route of the job reads, 503 when the table fails
 */
export async function invalidateStored(
  job: Job,
  which: InvalidationTarget,
  call: OperationContext,
): Promise<number> {
  if (which.key !== undefined) expectKey(job, which.key)
  const change = { action: 'invalidate', subject: `job:${job.id}`, after: which }
  return withAudit(call, change, () => markStale(job, which, call.ports))
}

async function markStale(
  job: Job,
  { key, prefix = '' }: InvalidationTarget,
  { store, clock }: OperationPorts,
): Promise<number> {
  const at = clock.now()
  if (job.stored === 'snapshot') return (await store.snapshots.invalidate(job.id, SNAPSHOT_KEY, at)) ? 1 : 0
  const keys =
    key === undefined ? (await store.keys.list(job.id)).filter((one) => one.startsWith(prefix)) : [key]
  return forEachKey(keys, 'invalidated', (one) => store.items.invalidate(job.id, one, at))
}

const invalidateDatasetBody = z.strictObject({
  dataset: textMember('the name of a dataset', 100),
  key: z.optional(textMember('a key', 256)),
})

const clearDatasetsBody = z.strictObject({
  confirm: bodyMember<'clear'>((value) => value === 'clear', '"clear"'),
})

/** Marks one dataset as stale, or one key of it, in the documented shape. */
export const invalidateDataset: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const { dataset, key } = parseBody(call.request, invalidateDatasetBody)
  const job = jobOfPath({ ...call, id: dataset })
  return jsonResponse(200, {
    invalidated: await invalidateStored(job, key === undefined ? { all: true } : { key }, call),
  })
}

/** Marks every dataset as stale, in the documented shape; one after the other, so that a failure tells which were not. */
export const clearDatasets: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  parseBody(call.request, clearDatasetsBody)
  const counts: Record<string, number> = {}
  for (const job of call.system.jobs) counts[job.id] = await invalidateStored(job, { all: true }, call)
  return jsonResponse(200, { invalidated: counts })
}

/** Marks all that a job has stored as stale, in the documented shape: readers are answered until it is renewed. */
export const clearCache = inEnvelope(async (job, call) => {
  expectOnlyParameters(call.request.query, [])
  return { cleared: await invalidateStored(job, { all: true }, call) }
})

/** Marks one key of it as stale. */
export const clearCacheKey = inEnvelope(async (job, call) => {
  expectOnlyParameters(call.request.query, [])
  return { cleared: await invalidateStored(job, { key: call.id.trim().toUpperCase() }, call) }
})

const purgeBody = z.strictObject({
  key: z.optional(textMember('a key', 256)),
  all: z.optional(bodyMember<true>((value) => value === true, 'true')),
  confirm: z.optional(z.unknown()),
})

interface PurgeCounts {
  readonly items: number
  readonly rejected: number
}

/**
 * Deletes what is stored, one key or all of it, with the rejected bodies. The job's id stands for "yes, really". Not while
 * a run is under way: it would carry old entries of a set forward, and publish under keys that were forgotten.
 */
export const purge: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  const { key, all, confirm } = parseBody(call.request, purgeBody)
  if ((key === undefined) === (all === undefined)) {
    throw new HttpError({ status: 400, message: 'expected exactly one of key and all: true' })
  }
  if (key !== undefined) expectKey(job, key)
  if (confirm !== job.id) {
    throw new HttpError({ status: 400, message: `confirm: expected ${shown(job.id)}, got ${shown(confirm)}` })
  }
  await assertNotRunning(job, call)
  const change = { action: 'purge', subject: `job:${job.id}`, after: key === undefined ? { all } : { key } }
  const purged = await withAudit(call, change, () => purgeStored(job, key, call.ports))
  return jsonResponse(200, { job: job.id, purged })
}

/**
 * Items go before their keys are forgotten: a purge that stops in between finds the rest when it is repeated. Before
 * either, nobody is told any more that all is fresh.
 */
async function purgeStored(
  job: Job,
  key: string | undefined,
  { store, clock }: OperationPorts,
): Promise<PurgeCounts> {
  const isLoss = key === undefined || (await store.items.get(job.id, key, { consistent: true })) !== undefined
  if (isLoss) {
    const { freshUntil, missingSince } = await store.states.get(job.id)
    const now = clock.now()
    await store.states.setPurged(job.id, Math.min(now, freshUntil ?? missingSince ?? now))
  }
  const asides = (await store.rejected.list(job.id)).map((aside) => aside.key)
  const rejected = key === undefined ? asides : asides.filter((one) => one === key)
  const items =
    job.stored === 'snapshot' ? await removeSnapshot(job, store) : await removeItems(job, key, store)
  await forEachKey(rejected, 'rejected', (one) => store.rejected.remove(job.id, one).then(() => true))
  return { items, rejected: rejected.length }
}

async function removeSnapshot({ id }: Job, { snapshots }: OperationPorts['store']): Promise<number> {
  const head = await snapshots.head(id, SNAPSHOT_KEY, { consistent: true })
  await snapshots.remove(id, SNAPSHOT_KEY)
  return head?.count ?? 0
}

async function removeItems({ id }: Job, key: string | undefined, store: OperationPorts['store']) {
  const keys = key === undefined ? await store.keys.list(id) : [key]
  const removed = await forEachKey(keys, 'items', async (one) => {
    const stored = await store.items.get(id, one, { consistent: true })
    await store.items.remove(id, one)
    return stored !== undefined
  })
  await store.keys.remove(id, keys)
  return removed
}

/** The newest rejected body of each key, redacted and capped as it was kept; newest first. */
export const listRejected: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request, ports } = call
  expectOnlyParameters(request.query, ['limit'])
  const limit = parseLimit(request.query)
  const kept = (await ports.store.rejected.list(job.id)).filter(({ expiresAt }) => expiresAt > request.at)
  const newest = kept.toSorted((a, b) => b.rejectedAt - a.rejectedAt).slice(0, limit)
  const rejected = newest.map(({ key, rejectedAt, runId, reason, message, body }) => ({
    key,
    at: isoOrNull(rejectedAt),
    run_id: runId,
    reason,
    message,
    body,
  }))
  return jsonResponse(200, { job: job.id, count: kept.length, rejected })
}
