import { isUtf8 } from 'node:buffer'
import { defined } from '#shared/domain/defined.ts'
import { isoText } from '#shared/domain/time.ts'
import type { RouteRow } from '#shared/http/routes.ts'

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

type RoutePattern = Pick<RouteRow, 'methods' | 'path'>

/** Media types whose uncompressed bodies are passed on as text. */
const TEXT_MEDIA_TYPES =
  /^(?:text\/|application\/(?:json|javascript|xml|x-www-form-urlencoded|[\w.+-]+\+(?:json|xml))\b)/
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The event of an HTTP API for a request, payload format 2.0. The path is decoded once and ends at a decoded `?`,
 * repeated headers are joined by commas, cookies are listed separately.
 *
 * @returns `undefined` for a target that is not a path or cannot be decoded
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function requestEvent(request: WireRequest, routes: readonly RoutePattern[]) {
  const { path, query } = splitTarget(request.target)
  const decoded = path.startsWith('/') ? decode(path) : undefined
  if (decoded === undefined) return undefined
  const rawPath = decoded.split('?', 1)[0] ?? decoded
  const { cookie = [], ...others } = request.headers
  const headers = joinValues(others)
  const cookies = cookie.flatMap((line) => line.split(/; */))
  const parameters = new URLSearchParams(query)
  const { routeKey, pathParameters } = matchRoute(request.method, path, routes)
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: query,
    ...defined({ cookies: cookies.length === 0 ? undefined : cookies }),
    headers,
    ...defined({
      queryStringParameters: nonEmpty(joinValues(groupValues(parameters))),
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

function nonEmpty(values: Record<string, string>): Record<string, string> | undefined {
  return Object.keys(values).length === 0 ? undefined : values
}

function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?')
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

/**
 * The route that the gateway selects: the path is split into segments before they are decoded, and routes with a greedy
 * last parameter (`{proxy+}`) come after all others.
 */
function matchRoute(method: string, path: string, routes: readonly RoutePattern[]) {
  const isGreedy = (route: RoutePattern) => route.path.endsWith('+}')
  const exact = routes.filter((route) => !isGreedy(route))
  for (const route of [...exact, ...routes.filter(isGreedy)]) {
    const pathParameters = route.methods.includes(method) ? parametersOf(route.path, path) : undefined
    if (pathParameters) return { routeKey: `${method} ${route.path}`, pathParameters }
  }
  return { routeKey: '$default', pathParameters: {} }
}

function parametersOf(template: string, path: string): Record<string, string> | undefined {
  const expected = template.split('/')
  const segments = path.split('/')
  const actual = template.endsWith('+}') ? joinRest(segments, expected.length) : segments
  if (expected.length !== actual.length) return undefined
  const parameters: [string, string][] = []
  for (const [index, segment] of expected.entries()) {
    const value = decode(actual[index] ?? '')
    if (value === undefined) return undefined
    const name = /^\{(.+?)\+?\}$/.exec(segment)?.[1]
    if (name === undefined ? segment !== value : value === '') return undefined
    if (name !== undefined) parameters.push([name, value])
  }
  return Object.fromEntries(parameters)
}

function joinRest(segments: readonly string[], count: number): string[] {
  if (segments.length < count) return [...segments]
  return [...segments.slice(0, count - 1), segments.slice(count - 1).join('/')]
}

function joinValues(values: Readonly<Record<string, readonly string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, items = []]) => [name, items.join(',')]))
}

function groupValues(parameters: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name)]))
}

function bodyMembers(body: Buffer, headers: Readonly<Record<string, string>>) {
  if (body.length === 0) return { isBase64Encoded: false }
  const isText =
    TEXT_MEDIA_TYPES.test(headers['content-type'] ?? '') && !headers['content-encoding'] && isUtf8(body)
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

/** `20/Nov/2026:19:46:00 +0000` */
function commonLogTime(at: number): string {
  const [year, month, day] = isoText(at).slice(0, 10).split('-')
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${isoText(at).slice(11, 19)} +0000`
}
