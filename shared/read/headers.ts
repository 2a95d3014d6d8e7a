import type { HttpResult } from '#shared/http/problem.ts'
import type { ReadRequest } from './request.ts'

/**
 * Whether a client accepts brotli: `br` or `*` with a weight above zero; `br` said explicitly wins.
 *
 * @see RFC 9110, section 12.5.3
 */
export function acceptsBrotli(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false
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
 * Whether `If-None-Match` names the current entity tag, by weak comparison.
 *
 * @param etag - the current tag as it is sent, `W/"…"`
 * @see RFC 9110, section 13.1.2
 */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag))
}

const EXPOSED_HEADERS = 'age, etag, retry-after, x-cache, x-data-source'

const PREFLIGHT = {
  'access-control-allow-headers': 'authorization, content-type, if-none-match',
  'access-control-max-age': '3600',
}

/**
 * An answer as pages of other origins may see it: those of `origins` may read, all others get no CORS header. Done
 * here and not by the gateway, whose one rule would hold for the routes of operators too.
 *
 * @param methods - what a preflight is told that pages may ask of the path; one of none stays refused
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function withCors(
  result: HttpResult,
  { method, headers: { origin, ...asked } }: Pick<ReadRequest, 'method' | 'headers'>,
  origins: readonly string[],
  methods: readonly string[] = [],
): HttpResult {
  if (origins.length === 0) return result
  const vary = [result.headers['vary'], 'Origin'].filter((part) => part !== undefined).join(', ')
  const headers = { ...result.headers, vary }
  if (origin === undefined || !origins.includes(origin)) return { ...result, headers }
  const allowed = { vary, 'access-control-allow-origin': origin }
  const isPreflight = method === 'OPTIONS' && asked['access-control-request-method'] !== undefined
  if (!isPreflight || result.statusCode !== 405 || methods.length === 0)
    return {
      ...result,
      headers: { ...headers, ...allowed, 'access-control-expose-headers': EXPOSED_HEADERS },
    }
  const told = { ...allowed, 'access-control-allow-methods': methods.join(', '), ...PREFLIGHT }
  return { statusCode: 204, headers: told, body: '', isBase64Encoded: false }
}
