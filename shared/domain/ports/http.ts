/** One GET request to an upstream, which is one attempt: retries belong to the run. */
export interface HttpRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Time limit for connection, headers and body together. */
  readonly timeoutMs: number
  /** Maximum size of the body in bytes, after decompression. */
  readonly maxBytes: number
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; the values of a repeated header are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded as UTF-8, without the byte order mark. */
  readonly body: string
}

/**
 * Sends one request and reads the response. Redirects are not followed.
 *
 * @throws {RefreshError} `network` (retryable), `timeout` (retryable), `malformed` (body too large or not
 *   decompressible), `refused` (a private, loopback or link-local address), `certificate` (TLS, not retryable)
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>
