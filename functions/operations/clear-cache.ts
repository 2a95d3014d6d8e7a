import { inEnvelope } from './in-envelope.ts'
import { invalidated } from './invalidate.ts'
import { expectOnly } from './query.ts'

/** Marks all that a job has stored as stale, in the documented shape: readers are answered until it is renewed. */
export const clearCache = inEnvelope(async (job, call) => {
  expectOnly(call.request.query, [])
  return { cleared: await invalidated(job, { all: true }, call) }
})

/** Marks one key of it as stale. */
export const clearCached = inEnvelope(async (job, call) => {
  expectOnly(call.request.query, [])
  return { cleared: await invalidated(job, { key: call.id.trim().toUpperCase() }, call) }
})
