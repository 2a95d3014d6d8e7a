import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { ServableItem, ViewResult } from '#shared/read/view.ts'

type Meta = Parameters<ReturnType<typeof envelopeOf>['wrap']>[1]

/** An answer of this moment, in the documented envelope. */
export function uncachedResponse(
  data: JsonValue,
  now: number,
  degraded: boolean,
  headers: Readonly<Record<string, string>> = {},
): ViewResult {
  const at = Math.floor(now / 1_000) * 1_000
  const body = envelopeOf('code').wrap(data, { asOf: at, fetchedAt: at, degraded })
  return { answer: 'now', status: 200, body, headers }
}

/** One that is put together from stored ones; `data` are JSON already, and what else they depend on is `rest`. */
export function joinedResponse(
  from: readonly ServableItem[],
  variant: string,
  data: () => string,
): ViewResult {
  const isAnyCopy = from.some(({ isFallback }) => isFallback)
  return {
    answer: 'joined',
    from,
    variant,
    text: ({ asOf, fetchedAt, degraded }) =>
      wrapJson(data(), { asOf, fetchedAt, degraded: degraded || isAnyCopy }),
  }
}

/** What the envelope makes of data that are JSON already. */
function wrapJson(data: string, meta: Meta): string {
  return JSON.stringify(envelopeOf('code').wrap(null, meta)).replace('"data":null', () => `"data":${data}`)
}

export function failure(status: number, message: string, retryAfterS?: number): ViewResult {
  const headers = retryAfterS === undefined ? {} : { headers: { 'retry-after': String(retryAfterS) } }
  return { answer: 'failure', status, message, ...headers }
}

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
