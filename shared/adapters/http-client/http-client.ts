import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  validateHeaderValue,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Http, HttpRequest, HttpResponse } from '#shared/domain/ports/http.ts'
import { isPublicAddress, privateAddressError, publicLookup } from './public-addresses.ts'
import { connectionError, readBody } from './response-body.ts'

interface HttpClientOptions {
  /** Origins that may be plain HTTP and may live at a private address, such as `http://127.0.0.1:4711`. */
  readonly trustedOrigins: readonly string[]
}

/**
 * The HTTP client of every upstream: one GET, one answer, whatever its status.
 *
 * - `https:` to public addresses only, checked where the socket connects; a trusted origin is exempt from both.
 * - Redirects are answers, certificates are always verified, environment proxies are not used.
 * - The timeout spans waiting for a connection, connecting, headers and body.
 * - Connections are kept for five seconds of idleness and never keep the process alive.
 *
 * Messages of its errors hold neither URL nor header value nor body: the caller adds the upstream's name.
 *
 * @throws {RangeError} when a trusted origin is not an `http:` or `https:` origin
 * @example
 * const http = httpClient({ trustedOrigins: [] })
 * const { status, text } = await http({ url, headers: {}, timeoutMs: 10_000, maxBytes: 262_144 })
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
 * `timeout` closes idle connections only: a request in flight is bounded by its own. How many there are is the
 * budget's decision.
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
    throw refusedError(
      `expected https:, got ${url.protocol}; name the origin in the settings if that is meant`,
    )
  }
  // Node connects to an address literal without asking `lookup`.
  const host = bareHost(url)
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw privateAddressError()
}

/** The host as a socket takes it: an IPv6 literal without its brackets. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function sendRequest({ url, headers }: HttpRequest, agents: Agents, isTrusted: boolean): ClientRequest {
  if (url.username || url.password)
    throw refusedError('expected a URL without credentials, got some; use a header')
  expectHeaderValues(headers)
  const target = {
    hostname: bareHost(url),
    port: url.port,
    path: url.pathname + url.search,
    headers: { ...headers, 'accept-encoding': 'gzip, br' },
    ...(isTrusted ? {} : { lookup: checkedLookup }),
  }
  return url.protocol === 'https:'
    ? httpsRequest({ ...target, agent: agents.https })
    : httpRequest({ ...target, agent: agents.http })
}

/** Names the header, so that the operator knows which key to mend; never its value. */
function expectHeaderValues(headers: HttpRequest['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderValue(name, value)
    } catch (error) {
      throw refusedError(
        `expected a value that a header can carry, got none or forbidden characters in ${name}`,
        error,
      )
    }
  }
}

function exchange({ timeoutMs, maxBytes }: HttpRequest, request: ClientRequest): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
  const deadline = setTimeout(() => fail(timeoutError(timeoutMs)), timeoutMs)
  let answered = false

  request.on('response', (answer) => {
    answered = true
    const { statusCode: status = 0, headersDistinct } = answer
    readBody(answer, maxBytes).then((body) => {
      clearTimeout(deadline)
      resolve({ status, headers: joinHeaders(headersDistinct), body })
    }, fail)
  })
  request.on('error', (error) => fail(connectionError(error)))
  request.on('close', () => {
    // An answer to a question not asked, such as 101, closes the connection without an error.
    if (!answered) fail(connectionError(new Error('closed without an answer')))
  })
  request.end()
  return promise

  function fail(error: RefreshError): void {
    clearTimeout(deadline)
    reject(error)
    request.destroy()
  }
}

function joinHeaders(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(', ')]))
}

function timeoutError(timeoutMs: number): RefreshError {
  return new RefreshError('timeout', `expected a whole answer within ${timeoutMs} ms, got none`, {
    retryable: true,
  })
}

function refusedError(message: string, cause?: unknown): RefreshError {
  return new RefreshError('refused', message, { scope: 'provider', ...(cause ? { cause } : {}) })
}
