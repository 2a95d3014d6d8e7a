import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { ServableItem, ViewResult } from '#shared/read/view.ts'

type Meta = Parameters<ReturnType<typeof envelopeOf>['wrap']>[1]

/** A response computed for this request, in the documented envelope. */
export function uncachedResponse(
  data: JsonValue,
  now: number,
  degraded: boolean,
  headers: Readonly<Record<string, string>> = {},
): ViewResult {
  const at = Math.floor(now / 1_000) * 1_000
  const body = envelopeOf('code').wrap(data, { asOf: at, fetchedAt: at, degraded })
  return { kind: 'now', status: 200, body, headers }
}

/**
 * A response composed from stored records, in the documented envelope.
 *
 * @param variant - everything on which the data depend besides the records
 * @param data - builds the data as JSON text
 */
export function joinedResponse(
  from: readonly ServableItem[],
  variant: string,
  data: () => string,
): ViewResult {
  const hasFallback = from.some(({ isFallback }) => isFallback)
  return {
    kind: 'joined',
    from,
    variant,
    text: ({ asOf, fetchedAt, degraded }) =>
      wrapJson(data(), { asOf, fetchedAt, degraded: degraded || hasFallback }),
  }
}

/** The envelope around data that are JSON text: a batch of 100 records is joined without parsing one of them. */
function wrapJson(data: string, meta: Meta): string {
  return JSON.stringify(envelopeOf('code').wrap(null, meta)).replace('"data":null', () => `"data":${data}`)
}

export function failure(status: number, message: string, retryAfterS?: number): ViewResult {
  const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }
  return { kind: 'failure', status, message, headers }
}

/** The JSON text of a stored record; one that does not come from the table names its source. */
export function recordText({ representation, waited, isFallback }: ServableItem): string {
  const text = representation.text()
  if (!waited && !isFallback) return text
  const source = waited ? { cached: false, cache_source: 'upstream' } : { cache_source: 'memory' }
  return JSON.stringify({ ...(JSON.parse(text) as object), ...source })
}
