import { validateHeaderName, validateHeaderValue } from 'node:http'

/** A response as the server sends it. */
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Buffer
}

/** Messages of an HTTP API, word for word, for responses that no function made. */
const GATEWAY_MESSAGES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  413: 'Request Entity Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

/** A response of the gateway itself: `{"message":"Service Unavailable"}`. */
export function gatewayError(status: keyof typeof GATEWAY_MESSAGES): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message: GATEWAY_MESSAGES[status] })),
  }
}

/** Headers of the connection, which only the gateway sets. */
const CONNECTION_HEADERS = ['connection', 'keep-alive', 'transfer-encoding']

/**
 * The response from a function's result, as an HTTP API reads it: `{statusCode, headers, body, isBase64Encoded,
 * cookies}`; a result without a status is the body of a 200.
 *
 * @throws {TypeError} when the result has an illegal status, header, cookie or body; the gateway then answers 500
 */
export function toWireResponse(result: unknown): WireResponse {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    return inferredResponse(result)
  }
  const { statusCode, headers = {}, body = '', isBase64Encoded, cookies = [] } = result as FunctionResult
  const status = Number(statusCode)
  const isStatus = Number.isInteger(status) && status >= 200 && status <= 599
  assertField(isStatus, 'a status from 200 to 599', statusCode)
  assertField(typeof headers === 'object' && headers !== null, 'headers as an object', headers)
  assertField(Array.isArray(cookies), 'cookies as a list', cookies)
  if (typeof body !== 'string') throw new TypeError(`expected a body as text, got ${typeof body}`)
  const entries = Object.entries(headers as object).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  )
  const setCookie = (cookies as unknown[]).map(String)
  for (const [name, value] of [...entries, ...setCookie.map((cookie) => ['set-cookie', cookie] as const)]) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  }
  return {
    status,
    headers: {
      ...(body === '' ? {} : { 'content-type': 'text/plain;charset=UTF-8' }),
      ...Object.fromEntries(entries.filter(([name]) => !CONNECTION_HEADERS.includes(name))),
      ...(setCookie.length === 0 ? {} : { 'set-cookie': setCookie }),
    },
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  }
}

interface FunctionResult {
  readonly statusCode: unknown
  readonly headers?: unknown
  readonly body?: unknown
  readonly isBase64Encoded?: unknown
  readonly cookies?: unknown
}

function assertField(holds: boolean, expected: string, got: unknown): void {
  if (!holds) throw new TypeError(`expected ${expected}, got ${JSON.stringify(got)}`)
}

function inferredResponse(result: unknown): WireResponse {
  const text = typeof result === 'string' ? result : JSON.stringify(result ?? null)
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) }
}
