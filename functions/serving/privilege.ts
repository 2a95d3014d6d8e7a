import type { ReadRequest } from './read-request.ts'

/** Whether a request wants what only operators may: an answer that is fetched for it. */
export function asksForPrivilege({ query, body }: Pick<ReadRequest, 'query' | 'body'>): boolean {
  return (
    listed(query?.['source']).includes('live') ||
    listed(query?.['force_refresh']).includes('true') ||
    (body !== undefined && /"force_refresh"\s*:\s*true\b/.test(body))
  )
}

/** What a parameter that may repeat says. */
function listed(text: string | undefined): readonly string[] {
  return text?.toLowerCase().split(',') ?? []
}
