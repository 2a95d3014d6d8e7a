import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { type FreshnessTimes, freshness } from '#shared/domain/freshness.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { Representation } from './representation.ts'
import type { ReadRequest } from './request.ts'

const MAX_FRESH_S = 60

/** How a value was obtained. */
export interface ReadOrigin {
  /** It was not stored when the request arrived. */
  readonly waited: boolean
  /** The table did not answer, and the value comes from memory. */
  readonly isFallback: boolean
}

/**
 * The headers of a stored value, computed from its times alone (I3).
 *
 * @see RFC 9111, section 4.2.3: a cache subtracts `Age`, hence `max-age` is `Age` plus the remaining freshness
 */
export function datasetHeaders(
  stored: Representation,
  job: Pick<Job, 'freshness' | 'revalidateWithinMs'>,
  { waited, isFallback }: ReadOrigin,
  now: number,
): Record<string, string> & { etag: string } {
  const isFresh = freshness(stored, now) === 'fresh'
  const age = Math.max(0, wholeSeconds(now - stored.checkedAt))
  return {
    age: String(age),
    etag: stored.etagHeader,
    'last-modified': stored.lastModified,
    'cache-control': cacheControl(stored, job, { age, isFresh }, now),
    vary: 'Accept-Encoding',
    'x-cache': waited ? 'MISS' : isFresh ? 'HIT' : 'STALE',
    'x-data-source': stored.dataSource,
    'x-content-type-options': 'nosniff',
    ...(isFallback ? { 'cache-status': 'freshet; hit; detail=table-unavailable' } : {}),
  }
}

/**
 * How long caches may keep a value: at most 60 s while it is fresh, and after that, stale, at most until `staleUntil`.
 *
 * @see RFC 5861: both extensions count from the moment at which the response becomes stale in the cache
 */
function cacheControl(
  stored: FreshnessTimes,
  { revalidateWithinMs, freshness: { serveStaleForMs } }: Pick<Job, 'freshness' | 'revalidateWithinMs'>,
  { age, isFresh }: { readonly age: number; readonly isFresh: boolean },
  now: number,
): string {
  const servableS = Math.max(0, wholeSeconds(Math.min(stored.staleUntil, stored.expiresAt) - now))
  const freshS = Math.max(0, wholeSeconds(stored.freshUntil - now))
  const remaining = isFresh ? Math.min(MAX_FRESH_S, freshS, servableS) : 0
  const staleS = servableS - remaining
  const revalidateS = Math.min(wholeSeconds(revalidateWithinMs), staleS)
  const onErrorS = Math.min(wholeSeconds(serveStaleForMs), staleS)
  const revalidate = revalidateS > 0 ? `, stale-while-revalidate=${revalidateS}` : ''
  const onError = onErrorS > 0 ? `, stale-if-error=${onErrorS}` : ''
  return `public, max-age=${age + remaining}${revalidate}${onError}`
}

/** What the headers of a response without times depend on. */
export interface UncachedOrigin {
  /** Source of the data in the response, if it contains any. */
  readonly dataSource: DataSource | undefined
}

/** The headers of a response that was computed for this request and must not be cached. */
export function uncachedHeaders({ dataSource }: UncachedOrigin): Record<string, string> {
  return {
    age: '0',
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'Accept-Encoding',
    'x-cache': 'HIT',
    'x-content-type-options': 'nosniff',
    ...defined({ 'x-data-source': dataSource }),
  }
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000)
}

/** `br` or `*` in a list of codings without weights. */
const UNWEIGHTED_BROTLI = /(?:^|,)\s*(?:br|\*)\s*(?:,|$)/i

/**
 * Whether a client accepts brotli: `br` or `*` with a weight above zero; an explicit `br` wins.
 *
 * @see RFC 9110, section 12.5.3
 */
export function acceptsBrotli(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false
  if (!acceptEncoding.includes(';')) return UNWEIGHTED_BROTLI.test(acceptEncoding)
  const weights = new Map(
    acceptEncoding.split(',').map((part) => {
      const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))
      return [coding, weight === undefined ? 1 : Number(weight.slice(2))] as const
    }),
  )
  return (weights.get('br') ?? weights.get('*') ?? 0) > 0
}

/**
 * Whether `If-None-Match` contains the current entity tag, by weak comparison.
 *
 * @param etag - the current tag as sent, `W/"…"`
 * @see RFC 9110, section 13.1.2
 */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag))
}

/** The dates of RFC 9110, section 5.6.7: the preferred form and the two obsolete ones. */
const HTTP_DATE =
  /^(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/

/**
 * Whether a conditional request by date finds the response unmodified. Anything but a date is ignored.
 *
 * @param lastModified - the current value of `Last-Modified`
 * @see RFC 9110, section 13.1.3
 */
export function isUnmodifiedSince(ifModifiedSince: string | undefined, lastModified: string): boolean {
  if (ifModifiedSince === undefined || !HTTP_DATE.test(ifModifiedSince)) return false
  const zoned = ifModifiedSince.endsWith('GMT') ? ifModifiedSince : `${ifModifiedSince} GMT`
  return Date.parse(lastModified) <= Date.parse(zoned)
}

const EXPOSED_HEADERS = 'age, etag, retry-after, x-cache, x-data-source'

const PREFLIGHT = {
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, if-modified-since, if-none-match',
  'access-control-max-age': '3600',
}

/**
 * Adds CORS headers for pages of the configured origins; other origins get none. Not done by the gateway, because its
 * single rule would also cover the operator routes.
 *
 * @param methods - methods that a preflight of this path allows; with none, the preflight stays a 405
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function withCors(
  result: HttpResult,
  { method, headers: requestHeaders }: Pick<ReadRequest, 'method' | 'headers'>,
  origins: readonly string[],
  methods: readonly string[] = [],
): HttpResult {
  if (origins.length === 0) return result
  const vary = [result.headers['vary'], 'Origin'].filter((part) => part !== undefined).join(', ')
  const headers = { ...result.headers, vary }
  const { origin } = requestHeaders
  if (origin === undefined || !origins.includes(origin)) return { ...result, headers }
  const allowed = { vary, 'access-control-allow-origin': origin }
  const isPreflight = method === 'OPTIONS' && requestHeaders['access-control-request-method'] !== undefined
  if (!isPreflight || result.statusCode !== 405 || methods.length === 0)
    return {
      ...result,
      headers: { ...headers, ...allowed, 'access-control-expose-headers': EXPOSED_HEADERS },
    }
  const preflight = { ...allowed, 'access-control-allow-methods': methods.join(', '), ...PREFLIGHT }
  return { statusCode: 204, headers: preflight, body: '', isBase64Encoded: false }
}
