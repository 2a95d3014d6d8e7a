import { answer } from './answer.ts'
import { isoOrNull } from './instant.ts'
import { namedJob } from './named.ts'
import type { Operate } from './operation.ts'
import { expectOnly, limitOf } from './query.ts'

/** The newest rejected body of each key, redacted and capped as it was kept; newest first. */
export const listRejected: Operate = async (call) => {
  const job = namedJob(call)
  const { request, ports } = call
  expectOnly(request.query, ['limit'])
  const limit = limitOf(request.query)
  const kept = (await ports.store.asides.list(job.id)).filter(({ expiresAt }) => expiresAt > request.at)
  const newest = kept.toSorted((a, b) => b.at - a.at).slice(0, limit)
  const rejected = newest.map(({ key, at, runId, reason, message, body }) => ({
    key,
    at: isoOrNull(at),
    run_id: runId,
    reason,
    message,
    body,
  }))
  return answer(200, { job: job.id, count: kept.length, rejected })
}
