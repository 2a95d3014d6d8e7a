import { isUtf8 } from 'node:buffer'
import { defined } from '#shared/domain/defined.ts'
import { isoText } from '#shared/domain/time.ts'
import { decodeText, type RouteMatch } from './route-matcher.ts'

/** A request as the server received it. */
export interface WireRequest {
  readonly id: string
  readonly method: string
  /** The request target, undecoded. */
  readonly target: string
  readonly httpVersion: string
  /** The values of each header in their order; names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>
  readonly body: Buffer
  readonly sourceIp: string
  /** Milliseconds since the epoch. */
  readonly at: number
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
 * The event of an HTTP API for a request, payload format 2.0. Repeated headers are joined by commas, cookies are listed
 * separately.
 *
 * @param match - the selected route; `undefined` for `$default`
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function requestEvent(
  request: WireRequest,
  { query, rawPath }: RequestTarget,
  match: Pick<RouteMatch, 'routeKey' | 'pathParameters'> | undefined,
) {
  const { cookie = [], ...others } = request.headers
  const headers = joinValues(others)
  const cookies = cookie.flatMap((line) => line.split(/; */))
  const { routeKey, pathParameters } = match ?? { routeKey: '$default', pathParameters: {} }
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: query,
    ...defined({ cookies: cookies.length === 0 ? undefined : cookies }),
    headers,
    ...defined({
      queryStringParameters: query === '' ? undefined : nonEmpty(queryValues(query)),
      pathParameters: nonEmpty(pathParameters),
    }),
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

function joinValues(values: WireRequest['headers']): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const [name, items = []] of Object.entries(values)) joined[name] = items.join(',')
  return joined
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

/** `20/Nov/2026:19:46:00 +0000` */
function commonLogTime(at: number): string {
  const text = isoText(at)
  const month = MONTHS[Number(text.slice(5, 7)) - 1]
  return `${text.slice(8, 10)}/${month}/${text.slice(0, 4)}:${text.slice(11, 19)} +0000`
}
