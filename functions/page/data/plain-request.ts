import { failureText, parsedBody } from '#shared/client/client.ts'
import { type ApiDocument, type DocumentedParameter, resolved } from './document.ts'

/** A request of a documented path, as it is sent. */
export interface PlainRequest {
  readonly method: 'GET' | 'POST'
  readonly target: string
  /** JSON. */
  readonly body?: string
}

/** A response as it came. */
export interface PlainResponse {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly text: string
  readonly body: unknown
}

/** Values of parameters by name, as text; an empty one is left out. */
export type Values = Readonly<Record<string, string>>

/** What a read takes: its parameters, and the members of its body where it is read with POST. */
export function parametersOf(path: string, document: ApiDocument): readonly DocumentedParameter[] {
  const { get, post } = document.paths[path] ?? {}
  const { parameters = [], requestBody } = get ?? post ?? { responses: {} }
  const schema = requestBody?.content['application/json']?.schema ?? {}
  const { properties = {}, required = [] } = resolved(schema, document)
  const members = Object.entries(properties).flatMap(([name, member]) => {
    const { type, description, const: constant } = resolved(member, document)
    if (constant !== undefined || (type !== 'string' && type !== 'array')) return []
    return [
      {
        name,
        in: type === 'array' ? 'list' : 'body',
        required: required.includes(name),
        description: description ?? (type === 'array' ? 'separated by commas' : ''),
      },
    ]
  })
  return [...parameters.filter((one) => one.in === 'path' || one.in === 'query'), ...members]
}

/** The request of a read; `undefined` while a required parameter is missing. */
export function requestOf(path: string, document: ApiDocument, values: Values): PlainRequest | undefined {
  const method = document.paths[path]?.['get'] ? 'GET' : 'POST'
  const parameters = parametersOf(path, document)
  const isMissing = ({ name, in: place, required }: DocumentedParameter) => {
    if (place === 'path') return !isSegment(values[name])
    return required && (place === 'list' ? listOf(values[name]).length === 0 : !values[name])
  }
  if (parameters.some(isMissing)) return undefined
  const entered = parameters.flatMap(({ name, in: place }) => {
    const value = values[name]
    return value ? [{ name, place, value }] : []
  })
  const query = entered.filter(({ place }) => place === 'query').map(({ name, value }) => [name, value])
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((values[name] ?? '').toWellFormed()),
  )
  const target = query.length === 0 ? filled : `${filled}?${new URLSearchParams(query)}`
  if (method === 'GET') return { method, target }
  const members = entered
    .filter(({ place }) => place === 'body' || place === 'list')
    .map(({ name, place, value }) => [name, place === 'list' ? listOf(value) : value])
  return { method, target, body: JSON.stringify(Object.fromEntries(members)) }
}

/** The members of a list that is entered as one text. */
function listOf(value = ''): readonly string[] {
  return value.split(/[\s,]+/).filter((one) => one !== '')
}

/** Whether a value can be a segment of a path: browsers resolve `.` and `..`, however they are written. */
function isSegment(value = ''): boolean {
  return value !== '' && value !== '.' && value !== '..'
}

/**
 * Sends a request to this origin.
 *
 * @param credentials - headers of an operator, if there is one
 * @throws {Error} with the API's own words, for an error response
 */
export async function send(
  { method, target, body }: PlainRequest,
  credentials: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<PlainResponse> {
  const response = await fetch(target, {
    method,
    signal,
    headers: { ...credentials, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const parsed = parsedBody(text)
  if (!response.ok)
    throw new Error(`${method} ${target}: ${response.status}: ${failureText(parsed) ?? text.slice(0, 200)}`)
  return { status: response.status, headers: [...response.headers], text, body: parsed }
}
