import { acceptsBrotli } from '#shared/http/conditional.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { compress } from '#shared/ports/codec.ts'
import type { ReadRequest } from './read-request.ts'

/** Shorter answers of a moment are not worth it. */
const LEAST_COMPRESSED = 2_000

/** An answer of this moment; a long one is compressed for a client that takes it so. */
export function ofNow(
  statusCode: number,
  { method, headers: asked }: ReadRequest,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResult {
  const content = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'Accept-Encoding',
    ...headers,
  }
  if (method === 'HEAD') return { statusCode, headers: content, body: '', isBase64Encoded: false }
  if (text.length < LEAST_COMPRESSED || !acceptsBrotli(asked['accept-encoding']))
    return { statusCode, headers: content, body: text, isBase64Encoded: false }
  const body = Buffer.from(compress(text, 'in haste')).toString('base64')
  return { statusCode, headers: { ...content, 'content-encoding': 'br' }, body, isBase64Encoded: true }
}
