import type { RefreshError } from '../errors.ts'

/** One request to an upstream, which is one attempt: retries belong to the run. */
export interface HttpRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /**
   * A key that the provider accepts in the query only. The client adds it where it sends the request, so that `url` never
   * contains it (I10).
   */
  readonly secretQuery?: { readonly name: string; readonly value: string }
  /** JSON that is sent in a POST; without it, the request is a GET. */
  readonly body?: string
  /** Time limit for connection, headers and body together. */
  readonly timeoutMs: number
  /** Maximum size of the body of a successful response in bytes, after decompression. */
  readonly maxBytes: number
}

/** A response whose status and headers arrived, whatever became of its body. */
export interface HttpResponse {
  readonly status: number
  /** Names in lower case; the values of a repeated header are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Decoded as UTF-8, without the byte order mark. The body of an error response is cut at {@link MAX_ERROR_BYTES}; with
   * a `bodyFailure`, it is what arrived before.
   */
  readonly body: string
  /**
   * Why the body could not be read to its end: `malformed` (over the limit, or not decompressible), `network` or
   * `timeout` (both retryable).
   */
  readonly bodyFailure?: RefreshError
}

/** Maximum size of the body of an error response, in bytes: it has a code or a message, never data. */
export const MAX_ERROR_BYTES = 64 * 1024

/** Whether a status is a success (2xx), whose body has data. */
export function isSuccessStatus(status: number): boolean {
  return status >= 200 && status < 300
}

/**
 * Sends one request and reads the response. Redirects are not followed.
 *
 * @throws {RefreshError} without a status: `network` (retryable), `timeout` (retryable), `malformed` (not HTTP),
 *   `refused` (a private, loopback or link-local address), `certificate` (TLS, not retryable)
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>
