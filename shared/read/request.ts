import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Job } from '#shared/declare/job.ts'
import type { Parameter, Route } from '#shared/declare/route.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import type { RefreshTarget } from './refresh-requests.ts'

/** Bytes of the largest body that a read takes. */
export const MAX_BODY_BYTES = 32 * 1_024

/** A request as the gateway hands it over; header names in lower case, the path decoded. */
export interface ReadRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Which route led here; `$default` takes what no route has. */
  readonly routeKey?: string
  /** Decoded; values that repeat are joined by commas. */
  readonly query?: Readonly<Record<string, string | undefined>> | undefined
  readonly body?: string | undefined
}

/** A request as the gateway hands it over; header names in lower case, the path decoded, the body as text. */
export interface AuthorizedRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string | undefined
  /** Who asks, as the gateway's authorizer knows; nobody, where none vouches for anybody. */
  readonly actor: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What the gateway hands over (payload format 2.0), with who asks. */
export function authorizedRequest(event: APIGatewayProxyEventV2, at: number): AuthorizedRequest {
  const { requestContext, rawPath, rawQueryString, headers } = event
  const { authorizer } = requestContext as { readonly authorizer?: unknown }
  return {
    method: requestContext.http.method,
    path: rawPath,
    query: Object.fromEntries(new URLSearchParams(rawQueryString)),
    headers,
    body: bodyText(event),
    actor: actorOf(authorizer),
    at,
  }
}

const MAX_ACTOR_LENGTH = 256

/**
 * Who asks, as the gateway's authorizer knows: the ARN of a signed request, the subject of a token. `undefined` where
 * no authorizer vouches for anybody.
 *
 * @param authorizer - `requestContext.authorizer` of an event in payload format 2.0
 */
export function actorOf(authorizer: unknown): string | undefined {
  const { iam, jwt } = members(authorizer)
  const { userArn, callerId } = members(iam)
  const { sub } = members(members(jwt)['claims'])
  const names = [userArn, callerId, sub]
  return names
    .find((name): name is string => typeof name === 'string' && name !== '')
    ?.slice(0, MAX_ACTOR_LENGTH)
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** The body of a request as text: the gateway encodes what is not said to be text. */
export function bodyText({
  body,
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): string | undefined {
  return isBase64Encoded && body !== undefined ? Buffer.from(body, 'base64').toString('utf8') : body
}

/** What a request asks for: a key, and what would have to be refreshed for it. */
export interface ReadTarget {
  readonly key: string
  readonly refreshTarget: RefreshTarget
}

/**
 * What the parameters of a path ask of a job: one key of it where the route names one in them, else all of it.
 *
 * @returns what is wrong with a value that is none, in its place
 */
export function readTarget(
  job: Job,
  route: Route,
  values: Readonly<Record<string, string>>,
): ReadTarget | { readonly wrong: string } {
  const wrong = invalidParameter(route.parameters, values)
  if (wrong !== undefined) return { wrong }
  if (job.stored === 'snapshot') return { key: SNAPSHOT_KEY, refreshTarget: { job } }
  const key = fillTemplate(route.key, values)
  return { key, refreshTarget: route.key.includes('{') ? { job, key } : { job } }
}

/** What to tell a reader of the first value that has not its declared form; one that is absent is in order. */
export function invalidParameter(
  declared: Readonly<Record<string, Parameter>> = {},
  given: Readonly<Record<string, string | undefined>>,
): string | undefined {
  for (const [name, { pattern, invalidMessage }] of Object.entries(declared)) {
    const value = given[name]
    const isWrong = value !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value)
    if (isWrong) return invalidMessage ?? `invalid ${name}`
  }
  return undefined
}

/** A key's template with the values of the path in it. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => values[name] ?? '')
}

/** Whether a request wants what only operators may: an answer that is fetched for it. */
export function requestsLiveRead({ query, body }: Pick<ReadRequest, 'query' | 'body'>): boolean {
  return (
    splitValues(query?.['source']).includes('live') ||
    splitValues(query?.['force_refresh']).includes('true') ||
    forceRefreshValue(body) === true
  )
}

/** What a body in JSON says of `force_refresh`, of whatever kind; `undefined` where it says nothing. */
export function forceRefreshValue(body: string | undefined): unknown {
  if (body === undefined || body.length > MAX_BODY_BYTES) return undefined
  // most bodies need not be parsed for it; a backslash may spell any letter
  if (!body.includes('force_refresh') && !body.includes('\\')) return undefined
  try {
    const json: unknown = JSON.parse(body)
    const isObject = typeof json === 'object' && json !== null && Object.hasOwn(json, 'force_refresh')
    return isObject ? (json as { readonly force_refresh: unknown }).force_refresh : undefined
  } catch (error) {
    // that it is no JSON is for whoever reads it to say
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What a parameter that may repeat says. */
function splitValues(text: string | undefined): readonly string[] {
  return text?.toLowerCase().split(',') ?? []
}
