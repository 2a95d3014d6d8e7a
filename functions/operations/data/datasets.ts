import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { invalidParameter } from '#shared/read/request.ts'
import { withAudit } from '../audit.ts'
import type { OperationContext, OperationHandler, OperationPorts } from '../http/operation.ts'
import {
  bodyMember,
  expectOnlyParameters,
  isoOrNull,
  jobOfPath,
  parseLimit,
  parseOperationBody,
  reasonMember,
  textMember,
} from '../http/request.ts'
import { HttpError, inEnvelope, jsonResponse } from '../http/response.ts'
import { expectKey, forEachKey } from './keys.ts'

export const optionalKey = z.optional(textMember('a key', 256))
export const optionalTrue = z.optional(bodyMember<true>((value) => value === true, 'true'))

const invalidateBody = z.strictObject({
  key: optionalKey,
  prefix: z.optional(textMember('a prefix', 256)),
  all: optionalTrue,
  reason: z.optional(reasonMember),
})

/** Which data are marked as stale, and why. */
type InvalidationTarget = z.infer<typeof invalidateBody>

/** Marks stored data as stale: one key, all keys with a prefix, or all. Nothing is deleted; reads are still answered. */
export const invalidate: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  const { reason, ...target } = parseOperationBody(call.request, invalidateBody)
  if (Object.keys(target).length !== 1) {
    throw new HttpError({ status: 400, message: 'expected exactly one of key, prefix and all: true' })
  }
  if (target.prefix !== undefined && job.stored === 'snapshot') {
    throw new HttpError({
      status: 400,
      message: `expected all: true, because ${job.id} is stored as one set`,
    })
  }
  return jsonResponse(200, {
    job: job.id,
    invalidated: await invalidateStored(job, { ...target, reason }, call),
  })
}

/**
 * Marks stored data as stale, with an audit entry. The job's public state follows when all of its data are marked; single
 * keys of many are refreshed by their readers, and do not make the job overdue.
 *
 * @returns the number of stored values that are marked now, including those that were marked before
 * @throws {HttpError} 400 for a key that no route of the job reads, 503 when the table fails
 */
async function invalidateStored(
  job: Job,
  { reason, ...target }: InvalidationTarget,
  call: OperationContext,
): Promise<number> {
  if (target.key !== undefined) expectKey(job, target.key)
  const change = {
    action: 'invalidate',
    target: { job: job.id },
    reason,
    after: target,
    message: (count: number) => `${countText(count, 'stored value')} marked as stale`,
  }
  return withAudit(call, change, () => markStale(job, target, call.ports))
}

async function markStale(
  job: Job,
  { key, prefix = '' }: InvalidationTarget,
  { store, clock }: OperationPorts,
): Promise<number> {
  const now = clock.now()
  if (job.stored === 'snapshot') {
    await store.states.setInvalidated(job.id, now)
    return (await store.snapshots.invalidate(job.id, SNAPSHOT_KEY, now)) ? 1 : 0
  }
  const stored = await store.keys.list(job.id)
  const keys = key === undefined ? stored.filter((each) => each.startsWith(prefix)) : [key]
  // first, so that readers of an incomplete invalidation get no fresh state with stale data
  if (stored.length > 0 && stored.every((each) => keys.includes(each)))
    await store.states.setInvalidated(job.id, now)
  return forEachKey(keys, 'invalidated', (each) => store.items.invalidate(job.id, each, now))
}

/** `1 key`, `2 keys` */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const invalidateDatasetBody = z.strictObject({
  dataset: textMember('the name of a dataset', 100),
  key: optionalKey,
})

/** Marks one dataset or one key of it as stale; documented path. */
export const invalidateDataset: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const { dataset, key } = parseOperationBody(call.request, invalidateDatasetBody)
  const job = jobOfPath({ ...call, id: dataset })
  return jsonResponse(200, {
    invalidated: await invalidateStored(job, key === undefined ? { all: true } : { key }, call),
  })
}

const clearDatasetsBody = z.strictObject({
  confirm: bodyMember<'clear'>((value) => value === 'clear', '"clear"'),
})

/** Marks every dataset as stale, one after the other; the audit shows how far a failed request came. Documented path. */
export const clearDatasets: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  parseOperationBody(call.request, clearDatasetsBody)
  const counts: Record<string, number> = {}
  for (const job of call.system.jobs) counts[job.id] = await invalidateStored(job, { all: true }, call)
  return jsonResponse(200, { invalidated: counts })
}

/** Marks all stored data of a job as stale; documented path. */
export const clearCache = inEnvelope(async (job, call) => {
  expectOnlyParameters(call.request.query, [])
  return { cleared: await invalidateStored(job, { all: true }, call) }
})

/** Marks one key of a job as stale; documented path. */
export const clearCacheKey = inEnvelope(async (job, call) => {
  expectOnlyParameters(call.request.query, [])
  return { cleared: await invalidateStored(job, { key: call.id.trim().toUpperCase() }, call) }
})

/** Marks all keys with a beginning as stale, in several jobs, one after the other; documented path. */
export const clearCachePrefix = inEnvelope(async (_job, call) => {
  const { alias, id, system, request } = call
  if (alias?.operation !== 'clear-cache-prefix')
    throw new TypeError(`expected an alias of clear-cache-prefix, got ${alias?.operation}`)
  expectOnlyParameters(request.query, [])
  const wrong = invalidParameter({ id: alias.id }, { id })
  if (wrong !== undefined) throw new HttpError({ status: 400, message: wrong })
  const prefix = alias.keyPrefix.replace('{id}', () => id)
  let invalidated = 0
  for (const job of system.jobs.filter((each) => alias.jobs.includes(each.id)))
    invalidated += await invalidateStored(job, { prefix }, call)
  return { invalidated }
})

/** The latest rejected body of each key, redacted and truncated; newest first. */
export const listRejected: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request, ports } = call
  expectOnlyParameters(request.query, ['limit'])
  const limit = parseLimit(request.query)
  const records = (await ports.store.rejected.list(job.id)).filter(({ expiresAt }) => expiresAt > request.at)
  const newest = records.toSorted((a, b) => b.rejectedAt - a.rejectedAt).slice(0, limit)
  const rejected = newest.map(({ key, rejectedAt, runId, reason, message, body }) => ({
    key,
    at: isoOrNull(rejectedAt),
    run_id: runId,
    reason,
    message,
    body,
  }))
  return jsonResponse(200, { job: job.id, count: records.length, rejected })
}
