/** Bytes of the largest body that a read takes. */
export const MAX_BODY_BYTES = 32 * 1_024

/** A request as the gateway hands it over; header names in lower case, the path decoded. */
export interface ReadRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Which route led here; `$default` takes what no route has. */
  readonly routeKey?: string
  /** Decoded; values that repeat are joined by commas. */
  readonly query?: Readonly<Record<string, string | undefined>> | undefined
  readonly body?: string | undefined
}
