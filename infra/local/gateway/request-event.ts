import { isUtf8 } from 'node:buffer'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { isoText } from '#shared/domain/time.ts'
import { decodeText, type RouteMatch } from './route-matcher.ts'

/** A request as the server received it. */
export interface WireRequest {
  readonly id: string
  readonly method: string
  /** The request target, undecoded. */
  readonly target: string
  readonly httpVersion: string
  readonly headers: RequestHeaders
  readonly body: Buffer
  readonly sourceIp: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The headers of a request as an HTTP API passes them on. */
export interface RequestHeaders {
  /** The values of each header, joined by commas; names in lower case. */
  readonly values: Readonly<Record<string, string>>
  /** The cookies of all `Cookie` headers. */
  readonly cookies: readonly string[]
}

/** Media types whose uncompressed bodies are passed on as text. */
const TEXT_MEDIA_TYPES =
  /^(?:text\/|application\/(?:json|javascript|xml|x-www-form-urlencoded|[\w.+-]+\+(?:json|xml))\b)/
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The target of a request: its path, undecoded, and its query. */
export interface RequestTarget {
  readonly path: string
  readonly query: string
  /** The path as the function receives it. */
  readonly rawPath: string
}

/**
 * The target of a request. The path is decoded once and ends at a decoded `?`.
 *
 * @returns `undefined` for one that is not a path or cannot be decoded
 */
export function requestTarget(target: string): RequestTarget | undefined {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const decoded = path.startsWith('/') ? decodeText(path) : undefined
  if (decoded === undefined) return undefined
  const rawPath = decoded.split('?', 1)[0] ?? decoded
  return { path, query: mark < 0 ? '' : target.slice(mark + 1), rawPath }
}

/**
 * The event of an HTTP API for a request, payload format 2.0.
 *
 * @param match - the selected route; `undefined` for `$default`
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function requestEvent(
  request: WireRequest,
  { query, rawPath }: RequestTarget,
  match: Pick<RouteMatch, 'routeKey' | 'pathParameters'> | undefined,
) {
  const { values: headers, cookies } = request.headers
  const { routeKey, pathParameters } = match ?? { routeKey: '$default', pathParameters: {} }
  // JSON leaves members without a value out
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: query,
    cookies: cookies.length === 0 ? undefined : cookies,
    headers,
    queryStringParameters: query === '' ? undefined : nonEmpty(queryValues(query)),
    pathParameters: nonEmpty(pathParameters),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers['host'] ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.id,
      routeKey,
      stage: '$default',
      time: commonLogTime(request.at),
      timeEpoch: request.at,
    },
    ...bodyMembers(request.body, headers),
  }
}

function nonEmpty<T extends object>(values: T): T | undefined {
  return Object.keys(values).length === 0 ? undefined : values
}

/** @param raw - names and values in turn, as `IncomingMessage.rawHeaders` has them */
export function requestHeaders(raw: readonly string[]): RequestHeaders {
  const values: Record<string, string> = Object.create(null)
  const cookies: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    if (name === 'cookie') cookies.push(...value.split(/; */))
    else values[name] = name in values ? `${values[name]},${value}` : value
  }
  return { values, cookies }
}

function queryValues(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query)
  return Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name).join(',')]))
}

function bodyMembers(body: Buffer, headers: Readonly<Record<string, string>>) {
  if (body.length === 0) return { isBase64Encoded: false }
  const isText =
    TEXT_MEDIA_TYPES.test(headers['content-type'] ?? '') && !headers['content-encoding'] && isUtf8(body)
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

/** `20/Nov/2026:19:46:00 +0000`. Requests of one second share the text. */
function commonLogTime(at: number): string {
  const second = Math.floor(at / SECOND_MS)
  if (second !== logTime.second) logTime = { second, text: logTimeText(second * SECOND_MS) }
  return logTime.text
}

let logTime = { second: Number.NaN, text: '' }

function logTimeText(at: number): string {
  const text = isoText(at)
  const month = MONTHS[Number(text.slice(5, 7)) - 1]
  return `${text.slice(8, 10)}/${month}/${text.slice(0, 4)}:${text.slice(11, 19)} +0000`
}
