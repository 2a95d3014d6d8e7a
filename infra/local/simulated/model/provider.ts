/** A response of a simulated provider. */
export interface SimulatedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** How long the provider takes; by default no time. */
  readonly delayMs?: number
}

/**
 * A simulated provider: the same arguments give the same response.
 *
 * @param seed - selects one of many possible sets of data
 * @param now - milliseconds since the epoch; the response changes at the provider's own interval
 * @param path - below the provider's base URL: `/global`
 * @param earlierCalls - times of the calls before this one, oldest first: at most {@link MAX_EARLIER_CALLS}; for a
 *   provider that limits calls in its bodies. Absent for a first call
 * @param body - of a POST
 * @param headers - of the request, by names in lower case; for a provider that takes its key from one. Without them, the key
 *   is not checked
 */
export type SimulatedProvider = (
  seed: number,
  now: number,
  path: string,
  query: URLSearchParams,
  earlierCalls?: readonly number[],
  body?: string,
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>,
) => SimulatedResponse

/** Number of earlier calls that a simulated provider knows. */
export const MAX_EARLIER_CALLS = 100

/** A response with a JSON body. */
export function jsonResponse(status: number, body: unknown): SimulatedResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  }
}
