import { inEnvelope } from './in-envelope.ts'
import { invalidateStored } from './invalidate.ts'
import { expectOnlyParameters } from './query.ts'

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
