import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { ServableItem } from '#shared/read/view.ts'

/** What a finished answer begins with, up to its data, and what stands after them. */
const ENVELOPE_PREFIX = JSON.stringify(
  envelopeOf('code').wrap(null, { asOf: 0, fetchedAt: 0, degraded: false }),
).replace(/null.*$/, '')
const META_MARK = ',"meta":{'

/** A stored answer with what is not as usual said in it. */
export function labelledBody(item: ServableItem): JsonValue {
  const body = JSON.parse(item.representation.text()) as { data: object; meta: object }
  const data = { ...body.data, ...sourceFields(item) }
  const meta = { ...body.meta, ...(item.isFallback ? { degraded: true } : {}) }
  return { ...body, data, meta } as JsonValue
}

/** The record within a stored answer, JSON: cut out as it is, for that of a batch is put together from a hundred. */
export function recordText(item: ServableItem): string {
  const text = item.representation.text()
  if (item.waited || item.isFallback) return JSON.stringify((labelledBody(item) as { data: JsonValue }).data)
  const end = text.lastIndexOf(META_MARK)
  if (text.startsWith(ENVELOPE_PREFIX) && end > 0) return text.slice(ENVELOPE_PREFIX.length, end)
  throw new TypeError(
    `expected a stored answer that begins with ${ENVELOPE_PREFIX}, got ${text.slice(0, 40)}`,
  )
}

/** Whether an answer is the stored one as it is. */
export function isAsStored({ waited, isFallback }: ServableItem): boolean {
  return !waited && !isFallback
}

/** Where an answer came from, when that was not the table. */
function sourceFields({ waited, isFallback }: ServableItem) {
  if (waited) return { cached: false, cache_source: 'upstream' }
  return isFallback ? { cache_source: 'memory' } : {}
}
