import { MAX_BODY_BYTES, type ReadRequest } from './read-request.ts'

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
