import type { Job } from '#shared/declare/job.ts'
import { compress, hashOf } from '#shared/domain/codec.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import { failureResponse, type HttpResult } from '#shared/http/problem.ts'
import { acceptsBrotli, matchesEtag } from './headers.ts'
import type { Representation } from './representation.ts'
import type { ReadRequest } from './request.ts'

const MAX_FRESH_S = 60

/** How the answer was come by. */
export interface ReadOrigin {
  /** It was not there when the reader asked. */
  readonly waited: boolean
  /** The table did not answer: this is the memory's copy. */
  readonly isFallback: boolean
}

/**
 * The answer to a read: the stored bytes, 304, or 404 for as long as it is remembered that the source does not know the
 * key. Every label is arithmetic on the stored times.
 */
export function datasetResponse(
  stored: Representation,
  job: Pick<Job, 'freshness' | 'revalidateWithinMs' | 'envelope'>,
  { method, headers: asked }: Pick<ReadRequest, 'method' | 'headers'>,
  found: ReadOrigin,
  now: number,
): HttpResult {
  if (stored.isAbsent) {
    return failureResponse(job.envelope, { status: 404, message: 'The source does not know this key' }, now)
  }
  const headers = headersOf(stored, job, found, now)
  if (matchesEtag(asked['if-none-match'], headers['etag'])) {
    return { statusCode: 304, headers, body: '', isBase64Encoded: false }
  }
  const content = { ...headers, 'content-type': 'application/json' }
  if (acceptsBrotli(asked['accept-encoding'])) {
    const body = method === 'HEAD' ? '' : stored.base64()
    const encoded = { ...content, 'content-encoding': 'br' }
    return { statusCode: 200, headers: encoded, body, isBase64Encoded: body !== '' }
  }
  const body = method === 'HEAD' ? '' : stored.text()
  return { statusCode: 200, headers: content, body, isBase64Encoded: false }
}

function headersOf(
  stored: Representation,
  job: Pick<Job, 'freshness' | 'revalidateWithinMs'>,
  { waited, isFallback }: ReadOrigin,
  now: number,
): Record<string, string> & { etag: string } {
  const fresh = freshness(stored, now) === 'fresh'
  const age = Math.max(0, wholeSeconds(now - stored.checkedAt))
  const left = fresh ? Math.min(MAX_FRESH_S, Math.max(0, wholeSeconds(stored.freshUntil - now))) : 0
  const revalidate = wholeSeconds(job.revalidateWithinMs)
  const onError = wholeSeconds(job.freshness.serveStaleForMs)
  return {
    age: String(age),
    etag: stored.etagHeader,
    'last-modified': stored.lastModified,
    'cache-control': `public, max-age=${age + left}, stale-while-revalidate=${revalidate}, stale-if-error=${onError}`,
    vary: 'Accept-Encoding',
    'x-cache': waited ? 'MISS' : fresh ? 'HIT' : 'STALE',
    'x-data-source': stored.dataSource,
    'x-content-type-options': 'nosniff',
    ...(isFallback ? { 'cache-status': 'freshet; hit; detail=table-unavailable' } : {}),
  }
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000)
}

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
