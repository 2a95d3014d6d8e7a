import type { HttpResult } from '#shared/http/problem.ts'
import { withCors } from '#shared/read/headers.ts'
import type { ReadRequest } from '#shared/read/request.ts'

/** Who may read, beside what the gateway asks of them. */
export interface ReadAccess {
  /** Whether anybody may; shared caches keep answers then, and never those that somebody had to be let in for. */
  readonly isPublic: boolean
  /** Origins whose pages may. */
  readonly corsOrigins: readonly string[]
}

/**
 * An answer as the readers of a stage, and the caches before them, may have it.
 *
 * @param methods - of the path, that readers may ask
 */
export function withAccessHeaders(
  result: HttpResult,
  request: ReadRequest,
  readers: ReadAccess,
  methods: readonly string[],
): HttpResult {
  const { 'cache-control': cached, ...headers } = result.headers
  const kept =
    cached === undefined || readers.isPublic
      ? result
      : { ...result, headers: { ...headers, 'cache-control': cached.replace(/^public,/, 'private,') } }
  return withCors(kept, request, readers.corsOrigins, methods)
}
