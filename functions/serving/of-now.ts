import { compress, hashOf } from '#shared/domain/codec.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import { acceptsBrotli } from '#shared/http/conditional.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { ReadRequest } from './read-request.ts'

/** Shorter answers of a moment are not worth it. */
const MIN_COMPRESSED_LENGTH = 2_000

/** What the labels of an answer of this moment are made from. */
interface UncachedLabels {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Where the data come from that it tells of; none where it tells of no data. */
  readonly dataSource: DataSource | undefined
}

/**
 * An answer of this moment: it has no age, and was made from what is stored. A long one is compressed for a client that
 * takes it so.
 */
export function uncachedResponse(
  statusCode: number,
  { method, headers: asked }: ReadRequest,
  text: string,
  { now, dataSource }: UncachedLabels,
  headers: Readonly<Record<string, string>> = {},
): HttpResult {
  const content = {
    age: '0',
    etag: `W/"${hashOf(text)}"`,
    'last-modified': new Date(now).toUTCString(),
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'Accept-Encoding',
    'x-cache': 'HIT',
    'x-content-type-options': 'nosniff',
    ...(dataSource === undefined ? {} : { 'x-data-source': dataSource }),
    ...headers,
  }
  if (method === 'HEAD') return { statusCode, headers: content, body: '', isBase64Encoded: false }
  if (text.length < MIN_COMPRESSED_LENGTH || !acceptsBrotli(asked['accept-encoding']))
    return { statusCode, headers: content, body: text, isBase64Encoded: false }
  const body = Buffer.from(compress(text, 'in haste')).toString('base64')
  return { statusCode, headers: { ...content, 'content-encoding': 'br' }, body, isBase64Encoded: true }
}
