import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type GatewayRoute, gatewayRoutes } from '#infra/definitions/gateway-routes.ts'
import { type ServedBy, servedBy } from '#shared/http/routes.ts'
import { closeServer, listen, readBody } from '../host/http-server.ts'
import { StartError } from '../host/lifecycle.ts'
import type { AuthorizerResult } from './operator-token.ts'
import { requestEvent, type WireRequest } from './request-event.ts'
import { gatewayError, toWireResponse, type WireResponse } from './response.ts'

interface GatewayOptions {
  /** 0 takes any free one. */
  readonly port: number
  /** Rows of the route table. */
  readonly routes: readonly GatewayRoute[]
  /** The functions behind the routes and `$default`. */
  readonly invoke: (functionName: ServedBy, event: object) => Promise<unknown>
  /** Who is let through to the routes of operators, by their `Authorization` header. */
  readonly authorize: (authorization: string | undefined) => AuthorizerResult
  /** Told of each request that was not. */
  readonly onAccessDenied: (refusal: DeniedRequest) => void
  /** Told why a function did not answer. */
  readonly onFault: (error: unknown) => void
  readonly integrationTimeoutMs?: number
}

/** A request that the authorizer refused, as it stands in the log: never with what was shown. */
interface DeniedRequest {
  readonly id: string
  readonly ip: string
  readonly method: string
  readonly path: string
  readonly route: string
  readonly status: number
  readonly auth: string
}

/** Limits of an HTTP API. */
const MAX_BODY_BYTES = 10_000_000
const MAX_HEADER_BYTES = 10_240
const INTEGRATION_TIMEOUT_MS = 30_000

/** Room for what has to be measured before it can be refused. */
const MAX_MEASURED_HEADER_BYTES = 64 * 1024

/** Answers under way get so long when the gateway closes. */
const CLOSE_GRACE_MS = 700

/**
 * The HTTP API on this machine: the declared routes and `$default` in front of their functions, the authorizer in
 * front of the routes for operators, with an HTTP API's events, limits and own answers.
 *
 * @returns its origin
 * @throws {StartError} when the port cannot be had
 */
export async function openGateway({ routes, ...others }: GatewayOptions) {
  const choices = { ...others, routes: gatewayRoutes(routes) }
  const server = createServer({ maxHeaderSize: MAX_MEASURED_HEADER_BYTES }, (request, response) => {
    handleRequest(request, choices).then(
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
    return { url, close: () => closeServer(server, CLOSE_GRACE_MS) }
  } catch (error) {
    throw portError(choices.port, error)
  }
}

async function handleRequest(request: IncomingMessage, choices: GatewayOptions): Promise<WireResponse> {
  if (headerBytes(request) > MAX_HEADER_BYTES) return gatewayError(431)
  const body = await readBody(request, MAX_BODY_BYTES)
  if (!body) return gatewayError(413)
  const event = requestEvent(wireRequest(request, body), choices.routes)
  if (!event) return gatewayError(400)
  const { routeKey, headers, requestContext } = event
  const route = choices.routes.find(({ methods, path }) =>
    methods.some((method) => routeKey === `${method} ${path}`),
  )
  if (!route) return invokeIntegration('reads', event, choices)
  if (route.access !== 'operator') return invokeIntegration(servedBy(route), event, choices)
  const admission = choices.authorize(headers['authorization'])
  if (!admission.allowed) {
    choices.onAccessDenied(deniedRequest(event, admission))
    return gatewayError(admission.status)
  }
  const { authorizer } = admission
  return invokeIntegration(
    servedBy(route),
    { ...event, requestContext: { ...requestContext, authorizer } },
    choices,
  )
}

function deniedRequest(
  { routeKey, requestContext }: NonNullable<ReturnType<typeof requestEvent>>,
  { status, reason }: Extract<AuthorizerResult, { allowed: false }>,
): DeniedRequest {
  const { requestId, http } = requestContext
  const { sourceIp: ip, method, path } = http
  return { id: requestId, ip, method, path, route: routeKey, status, auth: reason }
}

async function invokeIntegration(
  functionName: ServedBy,
  event: object,
  choices: GatewayOptions,
): Promise<WireResponse> {
  const done = new AbortController()
  const timeoutMs = choices.integrationTimeoutMs ?? INTEGRATION_TIMEOUT_MS
  const late = sleep(timeoutMs, gatewayError(503), { signal: done.signal })
  // once somebody answered, the wait is given up, and rejects
  late.catch(() => {})
  const invoked = choices
    .invoke(functionName, event)
    .then(toWireResponse)
    .catch((error) => {
      choices.onFault(error)
      return gatewayError(500)
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
  { status, headers, body }: WireResponse,
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
