import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { closeServer, listen, readBody } from '#infra/command/http-server.ts'
import { type GatewayRoute, gatewayRoutes } from '#infra/definitions/gateway-routes.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { type ServedBy, servedBy } from '#shared/http/routes.ts'
import { errorCode } from '../host/files.ts'
import { StartError } from '../host/lifecycle.ts'
import type { AuthorizerResult } from './operator-token.ts'
import {
  type RequestHeaders,
  requestEvent,
  requestHeaders,
  requestTarget,
  type WireRequest,
} from './request-event.ts'
import { gatewayError, toWireResponse, type WireResponse } from './response.ts'
import { RouteMatcher } from './route-matcher.ts'

interface GatewayOptions {
  /** 0 selects any free port. */
  readonly port: number
  /** Rows of the route table. */
  readonly routes: readonly GatewayRoute[]
  /** Invokes the function of a route, or of `$default`. */
  readonly invoke: (functionName: ServedBy, event: object) => Promise<unknown>
  /** Decides on requests to the routes of operators, by their `Authorization` header. */
  readonly authorize: (authorization: string | undefined) => AuthorizerResult
  /** Called with each request that `authorize` denies. */
  readonly onAccessDenied: (request: DeniedRequest) => void
  /** Called with the error of each failed invocation. */
  readonly onFault: (error: unknown) => void
  readonly integrationTimeoutMs?: number
}

/** A denied request as it is logged, without its credential. */
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
const INTEGRATION_TIMEOUT_MS = 30 * SECOND_MS

const NO_BODY = Buffer.alloc(0)

/** Limit of Node's parser: larger than {@link MAX_HEADER_BYTES}, so that the gateway can answer 431 itself. */
const MAX_PARSED_HEADER_BYTES = 64 * 1024

/** Time for open requests when the gateway closes. */
const CLOSE_GRACE_MS = 700

/**
 * The local HTTP API: the routes and `$default` with their functions and the authorizer of operators, with the events,
 * limits and error responses of an HTTP API.
 *
 * @returns its origin
 * @throws {StartError} when the port is in use or not allowed
 */
export async function openGateway(options: GatewayOptions) {
  const matcher = new RouteMatcher(gatewayRoutes(options.routes))
  const server = createServer({ maxHeaderSize: MAX_PARSED_HEADER_BYTES }, (request, response) => {
    const id = randomUUID()
    handleRequest(id, request, matcher, options).then(
      (result) => send(id, request, response, result, options),
      (error) => {
        // a client that disconnected needs no response
        if (!request.destroyed) options.onFault(error)
        response.destroy()
      },
    )
  })
  try {
    const url = await listen(server, options.port)
    return { url, close: () => closeServer(server, CLOSE_GRACE_MS) }
  } catch (error) {
    throw portError(options.port, error)
  }
}

async function handleRequest(
  id: string,
  request: IncomingMessage,
  matcher: RouteMatcher,
  options: GatewayOptions,
): Promise<WireResponse> {
  if (headerBytes(request) > MAX_HEADER_BYTES) return gatewayError(431)
  const headers = requestHeaders(request.rawHeaders)
  const body = hasBody(headers) ? await readBody(request, MAX_BODY_BYTES) : NO_BODY
  if (!body) return gatewayError(413)
  const target = requestTarget(request.url ?? '/')
  if (!target) return gatewayError(400)
  const wire = wireRequest(id, request, headers, body)
  const match = matcher.match(wire.method, target.path)
  const event = requestEvent(wire, target, match)
  const route = match?.route
  if (!route) return invokeIntegration('reads', event, options)
  if (route.access !== 'operator') return invokeIntegration(servedBy(route), event, options)
  const authorization = options.authorize(headers.values['authorization'])
  if (!authorization.allowed) {
    options.onAccessDenied(deniedRequest(event, authorization))
    return gatewayError(authorization.status)
  }
  const { authorizer } = authorization
  const operatorEvent = { ...event, requestContext: { ...event.requestContext, authorizer } }
  return invokeIntegration(servedBy(route), operatorEvent, options)
}

function deniedRequest(
  { routeKey, requestContext }: ReturnType<typeof requestEvent>,
  { status, reason }: Extract<AuthorizerResult, { allowed: false }>,
): DeniedRequest {
  const { requestId, http } = requestContext
  const { sourceIp: ip, method, path } = http
  return { id: requestId, ip, method, path, route: routeKey, status, auth: reason }
}

async function invokeIntegration(
  functionName: ServedBy,
  event: object,
  { invoke, onFault, integrationTimeoutMs = INTEGRATION_TIMEOUT_MS }: GatewayOptions,
): Promise<WireResponse> {
  const timeout = Promise.withResolvers<WireResponse>()
  const timer = setTimeout(() => timeout.resolve(gatewayError(503)), integrationTimeoutMs)
  const result = invoke(functionName, event)
    .then(toWireResponse)
    .catch((error: unknown) => {
      onFault(error)
      return gatewayError(500)
    })
  try {
    return await Promise.race([result, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}

function wireRequest(
  id: string,
  request: IncomingMessage,
  headers: RequestHeaders,
  body: Buffer,
): WireRequest {
  return {
    id,
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    httpVersion: request.httpVersion,
    headers,
    body,
    sourceIp: request.socket.remoteAddress ?? '',
    at: Date.now(),
  }
}

/** Whether a request announces a body. Reading one that has none takes a tenth of a request's time. */
function hasBody({ values }: RequestHeaders): boolean {
  return values['transfer-encoding'] !== undefined || (values['content-length'] ?? '0') !== '0'
}

/** Size of request line and header values, which is what an HTTP API limits. */
function headerBytes({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): number {
  let bytes = `${method} ${url} HTTP/${httpVersion}`.length
  for (let index = 1; index < rawHeaders.length; index += 2) bytes += rawHeaders[index]?.length ?? 0
  return bytes
}

function send(
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
  result: WireResponse,
  { onFault }: GatewayOptions,
): void {
  try {
    write(id, request, response, result)
  } catch (error) {
    // Node refuses a name or value of a header before it writes anything
    onFault(error)
    write(id, request, response, gatewayError(500))
  }
}

function write(
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: WireResponse,
): void {
  const isHead = request.method === 'HEAD'
  const hasLength = status !== 204 && status !== 304 && !(isHead && body.length === 0)
  response.writeHead(status, {
    // by the clock of the functions: Node's own is the real one, also where a test has set the clock ahead
    date: new Date(Date.now()).toUTCString(),
    ...headers,
    ...(hasLength ? { 'content-length': Buffer.byteLength(body) } : {}),
    'apigw-requestid': id,
  })
  if (isHead) response.end()
  else if (typeof body === 'string') response.end(body)
  // as text of its bytes, the body leaves in one write with the head
  else response.end(body.toString('latin1'), 'latin1')
}

function portError(port: number, cause: unknown): unknown {
  switch (errorCode(cause)) {
    case 'EADDRINUSE':
      return new StartError([`port ${port} is in use; set PORT to another one, or to 0 for any`], { cause })
    case 'EACCES':
      return new StartError([`port ${port} is not allowed; set PORT to one above 1023, or to 0 for any`], {
        cause,
      })
    default:
      return cause
  }
}
