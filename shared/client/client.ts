import type { Operations } from './generated/operations.ts'

export type * from './generated/types.ts'

/** A documented operation by method and path: `GET /v1/jobs/{id}`. */
export type Route = keyof Operations

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** The documented paths of a method. */
export type PathOf<M extends Method, R extends Route = Route> = R extends `${M} ${infer P}` ? P : never

/** What an operation takes: parameters of its path and query, headers, body. */
export type InputOf<R extends Route> = Operations[R]['input'] & RequestOptions

interface RequestOptions {
  /** Ends the request, such as `AbortSignal.timeout(5_000)`; a client has no timeout of its own. */
  readonly signal?: AbortSignal
}

/** Every documented response of an operation: a union over `status`, with typed headers and body. */
export type ResponseOf<R extends Route> = Operations[R]['responses'][keyof Operations[R]['responses']]

/** The responses of an operation that has done what was requested. */
export type SuccessOf<R extends Route> = Extract<ResponseOf<R>, { readonly status: 200 | 202 }>

/** The input may be left out if an operation requires none. */
type Arguments<R extends Route> = object extends Operations[R]['input']
  ? [input?: InputOf<R>]
  : [input: InputOf<R>]

type Call<M extends Method> = <P extends PathOf<M>>(
  path: P,
  ...input: Arguments<Extract<Route, `${M} ${P}`>>
) => Promise<SuccessOf<Extract<Route, `${M} ${P}`>>>

/** A client of one system. `get`, `post`, `put` and `delete` throw an {@link ApiError} for every other response. */
export interface Client {
  readonly get: Call<'GET'>
  readonly post: Call<'POST'>
  readonly put: Call<'PUT'>
  readonly delete: Call<'DELETE'>
  /** Any documented response, errors and 304 included. */
  request<R extends Route>(route: R, ...input: Arguments<R>): Promise<ResponseOf<R>>
}

/** A response that was not a success. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown

  constructor(request: string, { status, headers, body }: AnyResponse) {
    const reason = failureText(body)
    super(`${request}: ${status}${reason === undefined ? '' : `: ${reason}`}`)
    this.status = status
    this.headers = headers
    this.body = body
  }
}

interface AnyResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown
}

interface AnyInput extends RequestOptions {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
}

/** The part of `fetch` that a client uses. */
export type Fetch = (
  url: string,
  request: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly body?: string
    readonly signal?: AbortSignal
  },
) => Promise<{
  readonly status: number
  readonly headers: Iterable<readonly [string, string]>
  text(): Promise<string>
}>

/** How a system is reached, and as whom. */
export interface ClientOptions {
  /** Where the system answers: `https://<id>.execute-api.<region>.amazonaws.com`. */
  readonly baseUrl: string | URL
  /** Headers of every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sends a request, and may sign it; the global `fetch` by default. */
  readonly fetch?: Fetch
}

/**
 * A client with the types of the API document. It sends each request once.
 *
 * @throws (each call) {@link ApiError} for a response that is no success, and what `fetch` throws without a response
 * @example
 * const freshet = createClient({ baseUrl: 'http://127.0.0.1:8787' })
 * const { body, headers } = await freshet.get('/api/v1/currencies/global-market-stats')
 * console.log(body.data.total_market_cap_usd, headers['x-cache'], headers.age)
 */
export function createClient({ baseUrl, headers = {}, fetch = globalThis.fetch }: ClientOptions): Client {
  const origin = String(baseUrl).replace(/\/$/, '')
  const request = async (route: string, input: AnyInput = {}): Promise<AnyResponse> => {
    const [method = '', template = ''] = route.split(' ', 2)
    const { body, signal } = input
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(`${origin}${targetOf(template, input)}`, {
      method,
      headers: { ...headers, ...type, ...presentOf(input.headers) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    const received = Object.fromEntries(response.headers)
    return { status: response.status, headers: received, body: parsedBody(await response.text()) }
  }
  const success = (method: Method) => async (path: string, input?: AnyInput) => {
    const response = await request(`${method} ${path}`, input)
    if (response.status === 200 || response.status === 202) return response
    throw new ApiError(`${method} ${targetOf(path, input)}`, response)
  }
  const client = { request, get: success('GET'), post: success('POST'), put: success('PUT') }
  // the types of the document hold for every route that a call can name
  return { ...client, delete: success('DELETE') } as unknown as Client
}

function targetOf(template: string, { path = {}, query = {} }: AnyInput = {}): string {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name]
    if (value === undefined || value === '') throw new TypeError(`path.${name}: expected a text, got none`)
    return encodeURIComponent(value)
  })
  const search = new URLSearchParams(presentOf(query)).toString()
  return search === '' ? filled : `${filled}?${search}`
}

/** The members that have a value, as text. */
function presentOf(members: Readonly<Record<string, string | number | undefined>> = {}) {
  const present = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]))
}

/** The JSON of a body; the text of one that is none, such as that of a proxy; `undefined` for an empty one. */
export function parsedBody(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

/** The sentence of an error body, in whichever documented format; `undefined` if it has none. */
export function failureText(body: unknown): string | undefined {
  const { detail, message, msg, error } = membersOf(body)
  return [detail, message, msg, membersOf(error)['message']].find((text) => typeof text === 'string')
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
