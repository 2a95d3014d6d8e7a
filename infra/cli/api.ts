import { send } from '#infra/command/client.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { CliError } from './cli-error.ts'
import { type Connection, isLocal } from './connection.ts'

/** JSON of the API. Each command reads the members that the API document has for its path. */
// biome-ignore lint/suspicious/noExplicitAny: the document is not compiled to types
export type Json = any

/** A response of the API. */
export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Json
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * Sends a request and reads its JSON.
 *
 * @throws {CliError} with what to do next, if no system answers, or if the response is an error
 */
export async function callApi(
  connection: Connection,
  method: Method,
  path: string,
  body?: object,
): Promise<ApiResponse> {
  const response = await sendRequest(connection, method, path, body)
  if (response.status < 400) return response
  throw refusal(connection, method, path, response)
}

/** As {@link callApi}, but an error of the API is a response too. */
async function sendRequest(
  { url, sign }: Connection,
  method: Method,
  path: string,
  body?: object,
): Promise<ApiResponse> {
  const target = new URL(path, url)
  const text = body === undefined ? '' : JSON.stringify(body)
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  try {
    const signed = (await sign?.(target, { method, body: text })) ?? {}
    const response = await send(target, { method, headers: { ...type, ...signed }, body: text })
    return { ...response, body: parsed(response.body.toString('utf8')) }
  } catch (error) {
    const hint = isLocal(url)
      ? 'Start it with npm start, or name another one with --url.'
      : 'Check --url and the network.'
    throw new CliError(`${url.origin} does not answer: ${errorMessage(error)}`, { hint }, { cause: error })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

function refusal(
  { url, sign }: Connection,
  method: Method,
  path: string,
  { status, body }: ApiResponse,
): CliError {
  const detail = body?.detail ?? body?.message ?? body?.error?.message ?? body?.msg ?? ''
  const message = `${method} ${path}: ${status}${detail === '' ? '' : `: ${detail}`}`
  if (status !== 401 && status !== 403) return new CliError(message)
  const hint = sign
    ? 'The credentials are not accepted. Check the token, or the AWS credentials, their region and the policy of operators.'
    : isLocal(url)
      ? 'No token was found: run in the folder of npm start, or set FRESHET_DATA or FRESHET_TOKEN.'
      : 'No credentials: set --token, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
  return new CliError(message, { hint })
}
