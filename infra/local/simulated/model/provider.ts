/** What a stand-in says. */
export interface SimulatedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * A provider's stand-in: the same arguments give the same answer.
 *
 * @param seed - one of many possible worlds
 * @param now - milliseconds since the epoch; the answer changes at the provider's own cadence
 * @param path - below the provider's base URL: `/global`
 */
export type SimulatedProvider = (
  seed: number,
  now: number,
  path: string,
  query: URLSearchParams,
) => SimulatedResponse

/** An answer in JSON. */
export function jsonResponse(status: number, body: unknown): SimulatedResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  }
}
