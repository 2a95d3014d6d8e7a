import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { SmokeResponse } from '#infra/command/client.ts'
import { closeServer, listen, readBody } from '#infra/command/http-server.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { problem } from '#shared/http/problem.ts'
import { CliError } from '../cli-error.ts'
import type { Connection } from '../connection.ts'
import type { BrowserSessions, TokenUse } from './browser-sessions.ts'
import { type ForwardedRequest, forward } from './forward.ts'
import { signedDocument } from './page-document.ts'
import { type METHODS, type Rejection, senderRejection, systemUrl } from './request-check.ts'

interface ProxyOptions {
  readonly connection: Connection
  readonly sessions: BrowserSessions
  /** 0 selects any free port. */
  readonly port: number
  /** Called when a one-time address is used for a second time. */
  readonly onRepeatedToken: () => void
  /** Called with the error of a request that is a defect of the proxy. */
  readonly onFault: (error: unknown) => void
}

/** A proxy that runs. */
export interface SigningProxy {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  /** Ends it: open requests are cut off. */
  close(): Promise<void>
}

/** The bodies of the page are a few lines. */
const MAX_BODY_BYTES = 1_000_000

const NO_BODY = Buffer.alloc(0)

const NEW_ADDRESS = 'Press Enter in the terminal of freshet ui, and open the address that it prints.'

const NO_SESSION: Rejection = {
  status: 401,
  message: `expected the session of a page that freshet ui has opened, got none. ${NEW_ADDRESS}`,
}

const TOKEN_MESSAGES = {
  unknown: `token: expected that of an address of this proxy, got another one. ${NEW_ADDRESS}`,
  expired: `This address worked for 60 seconds only. ${NEW_ADDRESS}`,
  repeated: `This address has been used before. It works once, so its session has ended. ${NEW_ADDRESS}`,
} as const

/**
 * A proxy on the loopback address that signs the requests of one operator's browser, and sends them to one system. What it
 * protects against is in `docs/security.md`.
 *
 * @throws the error of `listen`: `EADDRINUSE`, `EACCES`
 */
export async function startSigningProxy(options: ProxyOptions): Promise<SigningProxy> {
  const server = createServer((request, response) => {
    handle(request, response, options).catch((error: unknown) => {
      options.onFault(error)
      response.destroy()
    })
  })
  const origin = await listen(server, options.port)
  return { origin, close: () => closeServer(server) }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ProxyOptions,
): Promise<void> {
  const { status, headers, body } = await respond(request, options).catch((error: unknown) => {
    // a client that disconnected needs no response
    if (!response.destroyed) options.onFault(error)
    return rejected({ status: 500, message: errorMessage(error) })
  })
  const length = body.length === 0 ? {} : { 'content-length': String(body.length) }
  response.writeHead(status, { ...headers, ...length })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function respond(request: IncomingMessage, options: ProxyOptions): Promise<SmokeResponse> {
  const rejection = senderRejection(request, request.socket.localPort ?? 0)
  if (rejection) return rejected(rejection)
  const url = systemUrl(options.connection.url, request.url ?? '')
  if (!(url instanceof URL)) return rejected(url)
  try {
    const isDocument = request.method === 'GET' && /^\/(?:\?|$)/.test(request.url ?? '')
    return await (isDocument ? openPage(request, url, options) : answer(request, url, options))
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return rejected({ status: 502, message: [error.message, error.hint].filter(Boolean).join('. ') })
  }
}

/** The page for everyone, and a session for who has a one-time token, which no other server gets. */
async function openPage(
  { headers }: IncomingMessage,
  url: URL,
  { connection, sessions, onRepeatedToken }: ProxyOptions,
): Promise<SmokeResponse> {
  const token = url.searchParams.get('token')
  const page = new URL(url)
  page.search = ''
  const plain = { accept: headers.accept, 'accept-encoding': 'identity' }
  const document = { method: 'GET', url: page, headers: plain, body: NO_BODY } as const
  const response = await forward(connection, document, undefined)
  if (token === null || response.status !== 200) return signedDocument(response, undefined)
  const use: TokenUse = sessions.useToken(token)
  if (use.status === 'accepted') return signedDocument(response, use.secret)
  if (use.status === 'repeated') onRepeatedToken()
  return rejected({ status: 403, message: TOKEN_MESSAGES[use.status] })
}

/** Signed with a session; without one, a public read as it would be without the proxy. */
async function answer(
  request: IncomingMessage,
  url: URL,
  { connection, sessions }: ProxyOptions,
): Promise<SmokeResponse> {
  const [, secret = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? []
  const method = request.method as (typeof METHODS)[number]
  const forwarded = (body: Buffer): ForwardedRequest => ({ method, url, headers: request.headers, body })
  if (sessions.accepts(secret)) {
    const body = await readBody(request, MAX_BODY_BYTES)
    if (body) return forward(connection, forwarded(body), connection.sign)
    return rejected({ status: 413, message: `expected a body of at most ${MAX_BODY_BYTES} bytes, got more` })
  }
  if (method !== 'GET' && method !== 'HEAD') return rejected(NO_SESSION)
  const response = await forward(connection, forwarded(NO_BODY), undefined)
  return [401, 403].includes(response.status) ? rejected(NO_SESSION) : response
}

function rejected({ status, message, headers = {} }: Rejection): SmokeResponse {
  const result = problem({ status, message }, headers, { title: STATUS_CODES[status] })
  return { status, headers: result.headers, body: Buffer.from(result.body) }
}
