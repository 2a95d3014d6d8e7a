import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RouteRow } from '#shared/http/routes.ts'
import { ownAnswer, type WireAnswer, wireAnswer } from './gateway-answer.ts'
import { gatewayEvent, type WireRequest } from './gateway-event.ts'
import { close, listen } from './listening.ts'
import { readAll } from './read-all.ts'
import { StartError } from './start-error.ts'

interface GatewayChoices {
  /** 0 takes any free one. */
  readonly port: number
  readonly routes: readonly Pick<RouteRow, 'methods' | 'path' | 'access'>[]
  /** The function behind every route and `$default`. */
  readonly invoke: (event: object) => Promise<unknown>
  /** Told why a function did not answer. */
  readonly onFault: (error: unknown) => void
  readonly integrationTimeoutMs?: number
}

/** Limits of an HTTP API. */
const MAX_BODY_BYTES = 10_000_000
const MAX_HEADER_BYTES = 10_240
const INTEGRATION_TIMEOUT_MS = 30_000

/** Room for what has to be measured before it can be refused. */
const READ_HEADER_BYTES = 64 * 1024

/** Answers under way get so long when the gateway closes. */
const GRACE_MS = 700

/**
 * The HTTP API on this machine: the declared routes and `$default` in front of one function, with an HTTP API's
 * events, limits and own answers. Routes for operators are refused: nobody can prove to be one here.
 *
 * @returns its origin
 * @throws {StartError} when the port cannot be had
 */
export async function openGateway(choices: GatewayChoices) {
  const server = createServer({ maxHeaderSize: READ_HEADER_BYTES }, (request, response) => {
    answer(request, choices).then(
      (result) => send(request, response, result),
      (error) => {
        // a client that went away needs no answer
        if (!request.destroyed) choices.onFault(error)
        response.destroy()
      },
    )
  })
  try {
    const url = await listen(server, choices.port)
    return { url, close: () => close(server, GRACE_MS) }
  } catch (error) {
    throw portError(choices.port, error)
  }
}

async function answer(request: IncomingMessage, choices: GatewayChoices): Promise<WireAnswer> {
  if (headerBytes(request) > MAX_HEADER_BYTES) return ownAnswer(431)
  const body = await readAll(request, MAX_BODY_BYTES)
  if (!body) return ownAnswer(413)
  const event = gatewayEvent(wireRequest(request, body), choices.routes)
  if (!event) return ownAnswer(400)
  const { routeKey } = event
  const route = choices.routes.find(({ methods, path }) =>
    methods.some((method) => routeKey === `${method} ${path}`),
  )
  if (route?.access === 'operator') return ownAnswer(403)
  return integrated(event, choices)
}

async function integrated(event: object, choices: GatewayChoices): Promise<WireAnswer> {
  const done = new AbortController()
  const timeoutMs = choices.integrationTimeoutMs ?? INTEGRATION_TIMEOUT_MS
  const late = sleep(timeoutMs, ownAnswer(503), { signal: done.signal })
  // once somebody answered, the wait is given up, and rejects
  late.catch(() => {})
  const invoked = choices
    .invoke(event)
    .then(wireAnswer)
    .catch((error) => {
      choices.onFault(error)
      return ownAnswer(500)
    })
  try {
    return await Promise.race([invoked, late])
  } finally {
    done.abort()
  }
}

function wireRequest(request: IncomingMessage, body: Buffer): WireRequest {
  return {
    id: randomUUID(),
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    httpVersion: request.httpVersion,
    headers: request.headersDistinct,
    body,
    sourceIp: request.socket.remoteAddress ?? '',
    at: Date.now(),
  }
}

/** Request line and header values, which is what the limit of an HTTP API counts. */
function headerBytes({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): number {
  const line = `${method} ${url} HTTP/${httpVersion}`.length
  return rawHeaders.reduce((sum, text, index) => (index % 2 === 1 ? sum + text.length : sum), line)
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: WireAnswer,
): void {
  const isHead = request.method === 'HEAD'
  const hasLength = status !== 204 && status !== 304 && !(isHead && body.length === 0)
  response.writeHead(status, {
    ...headers,
    ...(hasLength ? { 'content-length': body.length } : {}),
    'apigw-requestid': randomUUID(),
  })
  response.end(isHead ? undefined : body)
}

function portError(port: number, error: unknown): unknown {
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return new StartError([`port ${port} is in use; set PORT to another one, or to 0 for any`], {
        cause: error,
      })
    case 'EACCES':
      return new StartError([`port ${port} may not be used; set PORT to one above 1023, or to 0 for any`], {
        cause: error,
      })
    default:
      return error
  }
}
