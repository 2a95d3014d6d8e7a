import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { forEachKey } from './all-of.ts'
import { jsonResponse } from './answer.ts'
import { bodyMember, parseBody, textMember } from './body.ts'
import { expectKey } from './job-keys.ts'
import { jobOfPath } from './named.ts'
import type { OperationContext, OperationHandler, OperationPorts } from './operation.ts'
import { expectOnlyParameters } from './query.ts'
import { withAudit } from './recorded.ts'
import { HttpError } from './refused.ts'

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
