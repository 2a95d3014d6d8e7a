import { jsonResponse } from './answer.ts'
import { isoOrNull } from './instant.ts'
import { jobOfPath } from './named.ts'
import type { OperationHandler } from './operation.ts'
import { expectOnlyParameters, parseLimit } from './query.ts'

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
