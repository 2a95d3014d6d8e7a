import { answer } from './answer.ts'
import { isoOrNull } from './instant.ts'
import type { Operate } from './operation.ts'
import { expectOnly, limitOf, spanOf } from './query.ts'

const DAY_MS = 86_400_000
const USUAL_MS = 30 * DAY_MS

/** Entries are kept for so long: further back there is nothing to look through. */
const KEPT_MS = 400 * DAY_MS

/** Who changed what, newest first; of the last thirty days unless said. */
export const listAudit: Operate = async ({ request, ports }) => {
  expectOnly(request.query, ['limit', 'from', 'to'])
  const limit = limitOf(request.query)
  const { from, to } = spanOf(request.query, USUAL_MS, request.at)
  const kept = { from: Math.max(from, request.at - KEPT_MS), to: Math.min(to, request.at + DAY_MS) }
  const entries = kept.from > kept.to ? [] : await ports.store.audits.list({ ...kept, limit })
  return answer(200, {
    entries: entries.map(({ id, at, actor, action, subject, before, after }) => ({
      id,
      at: isoOrNull(at),
      actor,
      action,
      subject,
      before: parsed(before),
      after: parsed(after),
    })),
  })
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text)
}
