import type { ServableItem } from '#functions/serving/shape.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'

/** What a finished answer begins with, up to its data, and what stands after them. */
const BEFORE = JSON.stringify(
  envelopeOf('code').wrap(null, { asOf: 0, fetchedAt: 0, degraded: false }),
).replace(/null.*$/, '')
const AFTER = ',"meta":{'

/** A stored answer with what is not as usual said in it. */
export function bodyOf(item: ServableItem): JsonValue {
  const body = JSON.parse(item.of.text()) as { data: object; meta: object }
  const data = { ...body.data, ...origin(item) }
  const meta = { ...body.meta, ...(item.isCopy ? { degraded: true } : {}) }
  return { ...body, data, meta } as JsonValue
}

/** The record within a stored answer, JSON: cut out as it is, for that of a batch is put together from a hundred. */
export function recordText(item: ServableItem): string {
  const text = item.of.text()
  if (item.waited || item.isCopy) return JSON.stringify((bodyOf(item) as { data: JsonValue }).data)
  const end = text.lastIndexOf(AFTER)
  if (text.startsWith(BEFORE) && end > 0) return text.slice(BEFORE.length, end)
  throw new TypeError(`expected a stored answer that begins with ${BEFORE}, got ${text.slice(0, 40)}`)
}

/** Whether an answer is the stored one as it is. */
export function isAsStored({ waited, isCopy }: ServableItem): boolean {
  return !waited && !isCopy
}

/** Where an answer came from, when that was not the table. */
function origin({ waited, isCopy }: ServableItem) {
  if (waited) return { cached: false, cache_source: 'upstream' }
  return isCopy ? { cache_source: 'memory' } : {}
}
