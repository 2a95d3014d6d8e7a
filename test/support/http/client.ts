import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { HttpRequest, HttpResponse } from '#shared/domain/ports/http.ts'

interface RequestOptions extends Partial<Omit<HttpRequest, 'url'>> {
  readonly path?: string
  readonly trustedOrigins?: readonly string[]
}

/** A request with defaults for what a test does not care about. */
export function requestTo(origin: string, { path = '/', ...more }: RequestOptions = {}): HttpRequest {
  return { url: new URL(path, origin), headers: {}, timeoutMs: 3_000, maxBytes: 1_000_000, ...more }
}

/** Sends one request with a client that by default trusts the origin. */
export function get(origin: string, more: RequestOptions = {}): Promise<HttpResponse> {
  return httpClient({ trustedOrigins: more.trustedOrigins ?? [new URL(origin).origin] })(
    requestTo(origin, more),
  )
}

/** The error of a request that must fail, or of a body that cannot be read. */
export async function errorOf(origin: string, more: RequestOptions = {}): Promise<RefreshError> {
  const fault = await get(origin, more).then(
    ({ bodyFailure }) => bodyFailure,
    (error: unknown) => error,
  )
  if (fault instanceof RefreshError) return fault
  throw new Error('expected a RefreshError, got another outcome', { cause: fault })
}
