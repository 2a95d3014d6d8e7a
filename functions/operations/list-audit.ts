import { jsonResponse } from './answer.ts'
import { isoOrNull } from './instant.ts'
import type { OperationHandler } from './operation.ts'
import { expectOnlyParameters, parseLimit, parseSpan } from './query.ts'

const DAY_MS = 86_400_000
const DEFAULT_SPAN_MS = 30 * DAY_MS

/** Entries are kept for so long: further back there is nothing to look through. */
const RETENTION_MS = 400 * DAY_MS

/** Who changed what, newest first; of the last thirty days unless said. */
export const listAudit: OperationHandler = async ({ request, ports }) => {
  expectOnlyParameters(request.query, ['limit', 'from', 'to'])
  const limit = parseLimit(request.query)
  const { from, to } = parseSpan(request.query, DEFAULT_SPAN_MS, request.at)
  const kept = { from: Math.max(from, request.at - RETENTION_MS), to: Math.min(to, request.at + DAY_MS) }
  const entries = kept.from > kept.to ? [] : await ports.store.audits.list({ ...kept, limit })
  return jsonResponse(200, {
    entries: entries.map(({ id, at, actor, action, subject, before, after }) => ({
      id,
      at: isoOrNull(at),
      actor,
      action,
      subject,
      before: parseOrNull(before),
      after: parseOrNull(after),
    })),
  })
}

function parseOrNull(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text)
}
