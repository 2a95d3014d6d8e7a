import { send } from '#infra/command/client.ts'
import {
  ApiError,
  type Client,
  createClient,
  type Fetch,
  failureText,
  parsedBody,
} from '#shared/client/client.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { CliError, EXIT } from './cli-error.ts'
import { type Connection, isLocal } from './connection.ts'
import { refusalHint } from './refusal.ts'

/** A response of any path. */
export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** JSON, or the text of a body that is none. */
  readonly body: unknown
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * A client of the documented API. Its calls throw a {@link CliError} with what to do next, if no system answers or the
 * credentials are refused, and an {@link ApiError} for any other error.
 */
export function apiClient(connection: Connection): Client {
  return createClient({ baseUrl: connection.url, fetch: transport(connection) })
}

/**
 * Sends a request to any path of the system, documented or not, below that of its URL. The operator's credential is never
 * sent to another origin.
 *
 * @throws as the calls of {@link apiClient}; {@link CliError} for what is no path
 */
export async function callApi(
  connection: Connection,
  method: Method,
  path: string,
  body?: object,
): Promise<ApiResponse> {
  if (!path.startsWith('/'))
    throw new CliError(`expected a path such as /health, got ${path}`, { exitCode: EXIT.usage })
  const address = `${connection.url.href.replace(/\/$/, '')}${path}`
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const request = { method, headers: type, body: body === undefined ? '' : JSON.stringify(body) }
  const { status, headers, text } = await transport(connection)(address, request)
  const response = { status, headers: Object.fromEntries(headers), body: parsedBody(await text()) }
  if (status >= 400) throw new ApiError(`${method} ${path}`, response)
  return response
}

/** Signs and sends requests, without `fetch`: loading it takes longer than a request to this machine. */
function transport(connection: Connection): Fetch {
  const { url: base, sign } = connection
  return async (address, { method, headers, body = '' }) => {
    const url = new URL(address)
    const signed = (await sign?.(url, { method, body })) ?? {}
    const response = await answerOf(
      base,
      send(url, { method: method as Method, headers: { ...headers, ...signed }, body }),
    )
    const text = response.body.toString('utf8')
    if (response.status === 401 || response.status === 403)
      throw refusal(connection, `${method} ${url.pathname}: ${response.status}`, text)
    const received = Object.entries(response.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as const],
    )
    return { status: response.status, headers: received, text: async () => text }
  }
}

/** The answer to a request. @throws {CliError} with what to do, if the system does not answer */
export async function answerOf<T>(url: URL, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const hint = isLocal(url)
      ? 'Start it with npm start, or name another one with --url.'
      : 'Check --url and the network.'
    throw new CliError(`${url.origin} does not answer: ${errorMessage(error)}`, { hint }, { cause: error })
  }
}

function refusal(connection: Connection, request: string, text: string): CliError {
  const reason = failureText(parsedBody(text))
  const message = reason === undefined ? request : `${request}: ${reason}`
  return new CliError(message, { hint: refusalHint(connection, reason ?? '') })
}
