import { failureText, parsedBody } from '#shared/client/client.ts'
import type { DocumentedParameter } from './document.ts'

/** A response as it came. */
export interface PlainResponse {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly text: string
  readonly body: unknown
}

/** Values of parameters by name; an empty one is left out. */
export type Values = Readonly<Record<string, string>>

/** The path with its parameters; `undefined` while a required one is missing. */
export function targetOf(
  path: string,
  parameters: readonly DocumentedParameter[],
  values: Values,
): string | undefined {
  const isMissing = ({ name, in: place, required }: DocumentedParameter) =>
    (place === 'path' || required) && !values[name]
  if (parameters.some(isMissing)) return undefined
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
  const query = parameters.flatMap(({ name, in: place }) =>
    place === 'query' && values[name] ? [[name, values[name]] as [string, string]] : [],
  )
  return query.length === 0 ? filled : `${filled}?${new URLSearchParams(query)}`
}

/**
 * Reads a public path of this origin.
 *
 * @throws {Error} with the API's own words, for an error response
 */
export async function plainGet(target: string, signal: AbortSignal): Promise<PlainResponse> {
  const response = await fetch(target, { signal })
  const text = await response.text()
  const body = parsedBody(text)
  if (!response.ok)
    throw new Error(`GET ${target}: ${response.status}: ${failureText(body) ?? text.slice(0, 200)}`)
  return { status: response.status, headers: [...response.headers], text, body }
}
