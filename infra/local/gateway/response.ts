/** A response as the server sends it. Text is sent as UTF-8. */
export interface WireResponse {
  readonly status: number
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Buffer
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
    body: JSON.stringify({ message: GATEWAY_MESSAGES[status] }),
  }
}

/** Headers of the connection, which only the gateway sets. */
const CONNECTION_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/**
 * The response from a function's result, as an HTTP API reads it: `{statusCode, headers, body, isBase64Encoded,
 * cookies}`; a result without a status is the body of a 200.
 *
 * @throws {TypeError} when the result has an illegal status, headers, cookies or body; the gateway then answers 500
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
  return {
    status,
    headers: wireHeaders(headers as object, cookies as readonly unknown[], body !== ''),
    body: isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  }
}

/** Of several headers whose names differ only in case the last one counts. */
function wireHeaders(
  headers: object,
  cookies: readonly unknown[],
  hasBody: boolean,
): Record<string, string | string[]> {
  const wire: Record<string, string | string[]> = {}
  if (hasBody) wire['content-type'] = 'text/plain;charset=UTF-8'
  for (const [key, value] of Object.entries(headers)) {
    const name = key.toLowerCase()
    if (!CONNECTION_HEADERS.has(name)) wire[name] = String(value)
  }
  if (cookies.length > 0) wire['set-cookie'] = cookies.map(String)
  return wire
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
  return { status: 200, headers: { 'content-type': 'application/json' }, body: text }
}
