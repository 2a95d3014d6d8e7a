import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  validateHeaderValue,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Http, HttpRequest, HttpResponse } from '#shared/domain/ports/http.ts'
import { isPublicAddress, privateAddressError, publicLookup } from './public-addresses.ts'
import { BodyReader, connectionError } from './response-body.ts'

interface HttpClientOptions {
  /** Origins that may be plain HTTP and may live at a private address, such as `http://127.0.0.1:4711`. */
  readonly trustedOrigins: readonly string[]
}

/**
 * The HTTP client of all upstreams: one GET, or one POST of JSON, and one response of any status.
 *
 * - `https:` to public addresses only, checked where the socket connects; a trusted origin is exempt from both.
 * - Redirects are not followed, certificates are always verified, environment proxies are not used.
 * - The timeout covers waiting for a connection, connecting, headers and body.
 * - Once the headers have arrived, it does not throw: a body that cannot be read is part of the response.
 * - Unused connections are closed after 5 s and never keep the process alive.
 *
 * Error messages contain neither URL nor header value nor a body (I10): the caller adds the upstream's name.
 *
 * @throws {RangeError} when a trusted origin is not an `http:` or `https:` origin
 * @example
 * const http = httpClient({ trustedOrigins: [] })
 * const { status, body } = await http({ url, headers: {}, timeoutMs: 10_000, maxBytes: 262_144 })
 */
export function httpClient(options: HttpClientOptions): Http {
  const trusted = new Set(options.trustedOrigins.map(checkedOrigin))
  const agents: Agents = {
    http: new HttpAgent(POOL),
    https: new HttpsAgent({ ...POOL, rejectUnauthorized: true }),
  }
  return async (request) => {
    const isTrusted = trusted.has(request.url.origin)
    if (!isTrusted) expectSafeUrl(request.url)
    return exchange(request, sendRequest(request, agents, isTrusted))
  }
}

interface Agents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

/**
 * `timeout` closes unused connections only; each request has its own timeout. The number of connections is limited by
 * the upstream's budget.
 */
const POOL = { keepAlive: true, timeout: 5_000 }

const checkedLookup = publicLookup()

function checkedOrigin(text: string): string {
  const url = URL.parse(text)
  if (url?.origin === text && isHttp(url)) return text
  throw new RangeError(
    `expected a trusted origin such as "http://127.0.0.1:4711", got ${JSON.stringify(text)}`,
  )
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

function expectSafeUrl(url: URL): void {
  if (url.protocol !== 'https:') {
    throw refusedError(`expected https:, got ${url.protocol}; to allow it, name the origin in the settings`)
  }
  // Node connects to an address literal without calling `lookup`.
  const host = bareHost(url)
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw privateAddressError()
}

/** The host in the form that sockets require: an IPv6 literal without brackets. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function sendRequest(request: HttpRequest, agents: Agents, isTrusted: boolean): ClientRequest {
  const { url, headers, body } = request
  if (url.username || url.password)
    throw refusedError('expected a URL without credentials, got one with credentials; use a header')
  expectHeaderValues(headers)
  const target = {
    hostname: bareHost(url),
    port: url.port,
    path: targetPath(request),
    headers: { ...headers, ...bodyHeaders(body), 'accept-encoding': 'gzip, br' },
    method: body === undefined ? 'GET' : 'POST',
    ...(isTrusted ? {} : { lookup: checkedLookup }),
  }
  return url.protocol === 'https:'
    ? httpsRequest({ ...target, agent: agents.https })
    : httpRequest({ ...target, agent: agents.http })
}

function bodyHeaders(body: string | undefined): Readonly<Record<string, string | number>> {
  if (body === undefined) return {}
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
}

/** Path and query of a request, with the key of the query, which nothing before this point contains. */
function targetPath({ url, secretQuery }: HttpRequest): string {
  const path = url.pathname + url.search
  if (secretQuery === undefined) return path
  const { name, value } = secretQuery
  if (value === '' || /\p{Cc}/u.test(value))
    throw refusedError(`expected a key for the query, got an empty one or control characters in ${name}`)
  return `${path}${url.search === '' ? '?' : '&'}${new URLSearchParams([[name, value]])}`
}

/** The message names the header, so that the operator knows which key to correct, but never its value. */
function expectHeaderValues(headers: HttpRequest['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderValue(name, value)
    } catch (error) {
      throw refusedError(
        `expected a legal header value, got an empty one or illegal characters in ${name}`,
        error,
      )
    }
  }
}

/** From the headers on, a failure ends the body only: what the status says holds. */
function exchange(
  { timeoutMs, maxBytes, body: sent }: HttpRequest,
  request: ClientRequest,
): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
  const deadline = setTimeout(() => fail(timeoutError(timeoutMs)), timeoutMs)
  let reader: BodyReader | undefined

  request.on('response', async (response) => {
    reader = new BodyReader(response, maxBytes)
    const { statusCode: status = 0, headersDistinct } = response
    const body = await reader.read()
    clearTimeout(deadline)
    resolve({ status, headers: joinHeaders(headersDistinct), ...body })
  })
  request.on('error', (error) => fail(connectionError(error)))
  request.on('close', () => {
    // An unrequested response such as 101 closes the connection without an error.
    if (!reader) fail(connectionError(new Error('closed without a response')))
  })
  request.end(sent)
  return promise

  function fail(error: RefreshError): void {
    clearTimeout(deadline)
    if (reader) reader.end(error)
    else reject(error)
    request.destroy()
  }
}

function joinHeaders(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(', ')]))
}

function timeoutError(timeoutMs: number): RefreshError {
  return new RefreshError('timeout', `expected a complete response within ${timeoutMs} ms, got none`, {
    retryable: true,
  })
}

function refusedError(message: string, cause?: unknown): RefreshError {
  return new RefreshError('refused', message, { scope: 'provider', ...defined({ cause }) })
}
