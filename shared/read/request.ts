import { isUtf8 } from 'node:buffer'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Job } from '#shared/declare/job.ts'
import type { Parameter, Route } from '#shared/declare/route.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import type { RefreshTarget } from './refresh-requests.ts'

/** Largest request body of a read. */
const MAX_BODY_BYTES = 32 * 1_024

/** A read request from the gateway: header names in lower case, the path decoded. */
export interface ReadRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The gateway's route; `$default` for a request that no route matches. */
  readonly routeKey?: string
  /** Decoded; repeated values are joined by commas. */
  readonly query?: Readonly<Record<string, string | undefined>> | undefined
  readonly body?: string | undefined
}

/** A request with its caller: header names in lower case, the path decoded, the body as text. */
export interface AuthorizedRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string | undefined
  /** The caller, as identified by the gateway's authorizer; `undefined` without one. */
  readonly actor: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Converts an event of the gateway (payload format 2.0). */
export function authorizedRequest(event: APIGatewayProxyEventV2, at: number): AuthorizedRequest {
  const { requestContext, rawPath, rawQueryString, headers } = event
  const { authorizer } = requestContext as { readonly authorizer?: unknown }
  return {
    method: requestContext.http.method,
    path: rawPath,
    query: queryValues(rawQueryString),
    headers,
    body: bodyText(event),
    actor: actorOf(authorizer),
    at,
  }
}

/** The parameters of a query as the gateway passes them to reads: repeated values are joined by commas. */
function queryValues(text: string): Record<string, string> {
  const parameters = new URLSearchParams(text)
  return Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name).join(',')]))
}

const MAX_ACTOR_LENGTH = 256

/**
 * The caller, as identified by the gateway's authorizer: the ARN of a signed request or the subject of a token;
 * `undefined` without an authorizer.
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

/** A text that is not JSON, in place of bytes that are no text. */
const NO_TEXT = '\ufffd'

/**
 * The body of a request as text: the gateway encodes bodies whose content type is not text in base64. Bytes that are not UTF-8
 * are no JSON (RFC 8259, section 8.1): they become a text that no parser accepts, and never a text with replaced characters.
 */
export function bodyText({
  body,
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): string | undefined {
  if (!isBase64Encoded || body === undefined) return body
  const bytes = Buffer.from(body, 'base64')
  return isUtf8(bytes) ? bytes.toString('utf8') : NO_TEXT
}

/** The key that a request reads, and the refresh that would update it. */
export interface ReadTarget {
  readonly key: string
  readonly refreshTarget: RefreshTarget
}

/**
 * Maps path parameters to a key: the refresh is for that key alone if the route's key has a parameter, else for the
 * whole job.
 *
 * @returns `wrong`, the error message, for an illegal value
 */
export function readTarget(
  job: Job,
  route: Route,
  values: Readonly<Record<string, string>>,
): ReadTarget | { readonly wrong: string } {
  const wrong = invalidParameter(route.parameters, values)
  if (wrong !== undefined) return { wrong }
  const { key: template } = route
  if (job.stored === 'snapshot' || template === undefined)
    return { key: SNAPSHOT_KEY, refreshTarget: { job } }
  const key = fillTemplate(template, values)
  return { key, refreshTarget: template.includes('{') ? { job, key } : { job } }
}

/** The error message for the first value that does not have its declared form; a missing value is legal. */
export function invalidParameter(
  declared: Readonly<Record<string, Parameter>> = {},
  values: Readonly<Record<string, string | undefined>>,
): string | undefined {
  for (const [name, { pattern, invalidMessage }] of Object.entries(declared)) {
    const value = values[name]
    const isWrong = value !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value)
    if (isWrong) return invalidMessage ?? `invalid ${name}`
  }
  return undefined
}

/** Fills a key template with path parameters. */
function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => values[name] ?? '')
}

/** A parsed JSON body, or the status and message for one that is too large or not JSON. */
export type ParsedBody = { readonly json: JsonValue } | { readonly status: number; readonly message: string }

/**
 * Parses the JSON body of a request; a missing body is not JSON.
 *
 * @param maxBytes - 32 KB by default
 */
export function parseBody(text: string | undefined, maxBytes = MAX_BODY_BYTES): ParsedBody {
  if (text !== undefined && Buffer.byteLength(text) > maxBytes)
    return { status: 413, message: `expected a body of at most ${maxBytes} bytes` }
  try {
    return { json: JSON.parse(text ?? '') as JsonValue }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { status: 400, message: 'expected a body in JSON' }
  }
}

/** The member `force_refresh` of a body, of any type; `undefined` without one. */
export function forceRefreshMember(json: JsonValue): unknown {
  const isObject = typeof json === 'object' && json !== null && Object.hasOwn(json, 'force_refresh')
  return isObject ? (json as { readonly force_refresh: unknown }).force_refresh : undefined
}

/** Whether a request demands a live read, which only operators may. */
export function requestsLiveRead({ query, body }: Pick<ReadRequest, 'query' | 'body'>): boolean {
  return (
    splitValues(query?.['source']).includes('live') ||
    splitValues(query?.['force_refresh']).includes('true') ||
    forcesRefresh(body)
  )
}

function forcesRefresh(body: string | undefined): boolean {
  // Most bodies need not be parsed; a backslash can escape any letter of the name.
  if (body === undefined || !(body.includes('force_refresh') || body.includes('\\'))) return false
  const parsed = parseBody(body)
  return 'json' in parsed && forceRefreshMember(parsed.json) === true
}

/** The values of a query parameter that may be repeated. */
function splitValues(text: string | undefined): readonly string[] {
  return text?.toLowerCase().split(',') ?? []
}
