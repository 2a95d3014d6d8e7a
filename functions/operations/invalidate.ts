import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { SNAPSHOT_KEY } from '#shared/engine/snapshot-view.ts'
import { allOf } from './all-of.ts'
import { answer } from './answer.ts'
import { bodyOf, member, text } from './body.ts'
import { expectKey } from './job-keys.ts'
import { namedJob } from './named.ts'
import type { Call, Operate, OperationPorts } from './operation.ts'
import { expectOnly } from './query.ts'
import { recorded } from './recorded.ts'
import { Refused } from './refused.ts'

const schema = z.strictObject({
  key: z.optional(text('a key', 256)),
  prefix: z.optional(text('a prefix', 256)),
  all: z.optional(member<true>((value) => value === true, 'true')),
})

type Which = z.infer<typeof schema>

/** Marks what is stored as stale: one key, all that begin alike, or all. Nothing is deleted, and readers are answered. */
export const invalidate: Operate = async (call) => {
  const job = namedJob(call)
  expectOnly(call.request.query, [])
  const which = bodyOf(call.request, schema)
  if (Object.keys(which).length !== 1) {
    throw new Refused({ status: 400, message: 'expected exactly one of key, prefix and all: true' })
  }
  if (which.prefix !== undefined && job.stored === 'snapshot') {
    throw new Refused({ status: 400, message: `expected all: true, because ${job.id} is stored as one set` })
  }
  return answer(200, { job: job.id, invalidated: await invalidated(job, which, call) })
}

/**
 * Marks what is asked for as stale, with an audit entry.
 *
 * @returns how many stored values are marked now, be they marked before or not
 * @throws {Refused} 400 for a key that no route of the job reads, 503 when the table fails
 */
export async function invalidated(job: Job, which: Which, call: Call): Promise<number> {
  if (which.key !== undefined) expectKey(job, which.key)
  const change = { action: 'invalidate', subject: `job:${job.id}`, after: which }
  return recorded(call, change, () => mark(job, which, call.ports))
}

async function mark(
  job: Job,
  { key, prefix = '' }: Which,
  { store, clock }: OperationPorts,
): Promise<number> {
  const at = clock.now()
  if (job.stored === 'snapshot') return (await store.snapshots.invalidate(job.id, SNAPSHOT_KEY, at)) ? 1 : 0
  const keys =
    key === undefined ? (await store.keys.list(job.id)).filter((one) => one.startsWith(prefix)) : [key]
  return allOf(keys, 'invalidated', (one) => store.items.invalidate(job.id, one, at))
}
