import type { HttpResult } from '#shared/http/problem.ts'

/** An answer of a dataset as operators get it: no cache keeps it for somebody else. */
export function withNoStore(result: HttpResult): HttpResult {
  return { ...result, headers: { ...result.headers, 'cache-control': 'no-store' } }
}
