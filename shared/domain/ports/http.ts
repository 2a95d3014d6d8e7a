/** One GET to an upstream; a request is one attempt, retries belong to the run. */
export interface HttpRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Bound over connecting, headers and body together. */
  readonly timeoutMs: number
  /** Cap on the body in bytes, counted after decompression. */
  readonly maxBytes: number
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; a repeated header is joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded as UTF-8, byte order mark dropped. */
  readonly body: string
}

/**
 * Sends one request and reads its answer.
 *
 * Redirects are answers like any other: never followed.
 *
 * @throws {RefreshError} `network` (retryable), `timeout` (retryable), `malformed` (body over the cap or not
 *   decompressible), `refused` (a private, loopback or link-local address), `certificate` (TLS, terminal)
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>
