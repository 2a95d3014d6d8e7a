import type { IncomingHttpHeaders } from 'node:http'
import { type SmokeResponse, send } from '#infra/command/client.ts'
import { failureText, parsedBody } from '#shared/client/client.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { answerOf } from '../api.ts'
import { isExpired } from '../aws-credentials.ts'
import { CliError } from '../cli-error.ts'
import type { Connection } from '../connection.ts'
import { refusalHint } from '../refusal.ts'
import type { METHODS } from './request-check.ts'

/** A request to the system, as the browser sent it. */
export interface ForwardedRequest {
  readonly method: (typeof METHODS)[number]
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Longer than the 30 s after which the gateway itself answers. */
const TIMEOUT_MS = 35 * SECOND_MS

/** What the API and caches read. The credential of the session, `Origin` and whatever names the browser stay here. */
const REQUEST_HEADERS = [
  'accept',
  'accept-encoding',
  'cache-control',
  'content-type',
  'idempotency-key',
  'if-modified-since',
  'if-none-match',
]

/** Of one connection (RFC 9110, section 7.6.1), or of another origin than the proxy's. */
const DROPPED_RESPONSE_HEADERS =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|set-cookie|access-control-.*)$/

/**
 * Sends a request to the system, and signs it if `sign` is present.
 *
 * @returns the response as it came over the wire, without what belongs to one connection
 * @throws {CliError} with what to do: the system does not answer, or the credentials are missing or have expired
 */
export async function forward(
  connection: Connection,
  { method, url, headers, body }: ForwardedRequest,
  sign: Connection['sign'],
): Promise<SmokeResponse> {
  const signed = (await sign?.(url, { method, body })) ?? {}
  const length: Record<string, string> = body.length === 0 ? {} : { 'content-length': String(body.length) }
  const request = {
    method,
    headers: { ...passedOn(headers), ...length, ...signed },
    body,
    timeoutMs: TIMEOUT_MS,
  }
  const response = await answerOf(connection.url, send(url, request))
  if (sign && response.status === 403) expectCurrentCredentials(connection, response)
  return { ...response, headers: withoutHopByHop(response.headers) }
}

function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const present = REQUEST_HEADERS.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  return Object.fromEntries(present)
}

function withoutHopByHop(headers: SmokeResponse['headers']): SmokeResponse['headers'] {
  const named = (headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase())
  const kept = Object.entries(headers).filter(
    ([name]) => !DROPPED_RESPONSE_HEADERS.test(name) && !named.includes(name),
  )
  return Object.fromEntries(kept)
}

/** The gateway has other words for a caller without permission, which the page shows as they are. */
function expectCurrentCredentials(connection: Connection, { body }: SmokeResponse): void {
  const reason = failureText(parsedBody(body.toString('utf8'))) ?? ''
  if (connection.signedBy === 'aws' && isExpired(reason))
    throw new CliError(`the system refuses the signature: ${reason}`, {
      hint: refusalHint(connection, reason),
    })
}
