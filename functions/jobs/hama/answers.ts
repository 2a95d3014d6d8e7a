import type { Shaped } from '#functions/serving/shape.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'

/** An answer of this moment, in the documented envelope. */
export function nowAnswer(data: JsonValue, now: number, degraded: boolean): Shaped {
  const body = envelopeOf('code').wrap(data, { asOf: now, fetchedAt: now, degraded })
  return { answer: 'now', status: 200, body }
}

/** The same of data that are JSON already. */
export function textAnswer(data: string, now: number, degraded: boolean): Shaped {
  const marked = JSON.stringify(envelopeOf('code').wrap(null, { asOf: now, fetchedAt: now, degraded }))
  return { answer: 'text', text: marked.replace('"data":null', () => `"data":${data}`) }
}

export function failure(status: number, message: string, retryAfterS?: number): Shaped {
  const headers = retryAfterS === undefined ? {} : { headers: { 'retry-after': String(retryAfterS) } }
  return { answer: 'failure', status, message, ...headers }
}
