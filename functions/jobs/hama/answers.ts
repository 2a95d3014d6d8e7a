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
