import type { Job } from '#shared/declare/job.ts'
import { compress } from '#shared/domain/codec.ts'
import { failureResponse, type HttpResult } from '#shared/http/problem.ts'
import {
  acceptsBrotli,
  datasetHeaders,
  isUnmodifiedSince,
  matchesEtag,
  type ReadOrigin,
  type UncachedOrigin,
  uncachedHeaders,
} from './headers.ts'
import type { Representation } from './representation.ts'
import type { ReadRequest } from './request.ts'

/**
 * The response to a read: the stored bytes, 304, or 404 while it is stored that the source does not have the key.
 */
export function datasetResponse(
  stored: Representation,
  job: Pick<Job, 'freshness' | 'revalidateWithinMs' | 'envelope'>,
  { method, headers: requestHeaders }: Pick<ReadRequest, 'method' | 'headers'>,
  origin: ReadOrigin,
  now: number,
): HttpResult {
  if (stored.isAbsent) {
    return failureResponse(job.envelope, { status: 404, message: 'The source does not know this key' }, now)
  }
  const headers = datasetHeaders(stored, job, origin, now)
  if (isNotModified(method, requestHeaders, headers['etag'], stored.lastModified)) {
    return { statusCode: 304, headers, body: '', isBase64Encoded: false }
  }
  headers['content-type'] = 'application/json'
  if (acceptsBrotli(requestHeaders['accept-encoding'])) {
    headers['content-encoding'] = 'br'
    const body = method === 'HEAD' ? '' : stored.base64()
    return { statusCode: 200, headers, body, isBase64Encoded: body !== '' }
  }
  const body = method === 'HEAD' ? '' : stored.text()
  return { statusCode: 200, headers, body, isBase64Encoded: false }
}

/** `If-None-Match` takes precedence; a date is a condition of GET and HEAD only. */
function isNotModified(
  method: string,
  { 'if-none-match': tags, 'if-modified-since': date }: ReadRequest['headers'],
  etag: string,
  lastModified: string,
): boolean {
  if (tags !== undefined) return matchesEtag(tags, etag)
  return (method === 'GET' || method === 'HEAD') && isUnmodifiedSince(date, lastModified)
}

/** Below this length, compression costs more than it saves. */
const MIN_COMPRESSED_LENGTH = 2_000

/** A response that was computed for this request; compressed when it is long and the client accepts brotli. */
export function uncachedResponse(
  statusCode: number,
  { method, headers: requestHeaders }: ReadRequest,
  text: string,
  origin: UncachedOrigin,
  extraHeaders: Readonly<Record<string, string>> = {},
): HttpResult {
  const headers = { ...uncachedHeaders(origin), ...extraHeaders }
  if (method === 'HEAD') return { statusCode, headers, body: '', isBase64Encoded: false }
  if (text.length < MIN_COMPRESSED_LENGTH || !acceptsBrotli(requestHeaders['accept-encoding']))
    return { statusCode, headers, body: text, isBase64Encoded: false }
  const body = Buffer.from(compress(text, 'in haste')).toString('base64')
  return { statusCode, headers: { ...headers, 'content-encoding': 'br' }, body, isBase64Encoded: true }
}
