import { hashOf } from '#shared/domain/codec.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { matchesEtag } from '#shared/read/headers.ts'
import { type OverviewInput, overview } from '#shared/read/overview/overview.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import { uncachedResponse } from '#shared/read/response.ts'

/** The answer to a request for the overview; a copy may be kept, and is checked by its entity tag each time. */
export type OverviewResponse = (input: OverviewInput, request: ReadRequest, now: number) => HttpResult

/** A bundle of its own, which the first such request loads: the explanations are larger than what reads of data need. */
export const overviewResponse: OverviewResponse = (input, request, now) => {
  const text = JSON.stringify(overview(input, now))
  const etag = `W/"${hashOf(text)}"`
  const headers = { etag, 'cache-control': 'no-cache' }
  if (!matchesEtag(request.headers['if-none-match'], etag)) {
    const { headers: sent, ...rest } = uncachedResponse(
      200,
      request,
      text,
      { dataSource: undefined },
      headers,
    )
    const { age: _age, 'x-cache': _cache, ...kept } = sent
    return { ...rest, headers: kept }
  }
  const current = { ...headers, vary: 'Accept-Encoding', 'x-content-type-options': 'nosniff' }
  return { statusCode: 304, headers: current, body: '', isBase64Encoded: false }
}
