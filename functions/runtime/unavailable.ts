import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'

/** What a client waits before it repeats a request that the table or the bus did not serve, in seconds. */
export const RETRY_AFTER_S = 5

/** The message of a response with 503. */
export const UNAVAILABLE_MESSAGE =
  'The table or the event bus did not respond in time; the request may be repeated'

/** The time that a request had is over. */
class RequestTimeout extends Error {
  override readonly name = 'RequestTimeout'
}

const DEFECTS = [TypeError, RangeError, ReferenceError, SyntaxError]

/** AWS reports these as faults of the client, although a repetition succeeds. */
const OVERLOAD = /Throttl|Throughput|LimitExceeded|TooManyRequests|SlowDown|Timeout/

/**
 * Whether an error says that a service behind a function failed, so that the request may be repeated: a timeout, a broken
 * connection, throttling, a fault of the service. A defect of our own, and a request that AWS refuses, are not.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || DEFECTS.some((defect) => error instanceof defect)) return false
  const { name, $fault } = error as Error & { readonly $fault?: unknown }
  return $fault !== 'client' || OVERLOAD.test(name)
}

/**
 * The result of `work`, unless the function's time ends before: it responds by itself then, because the gateway's own
 * response names no time for a repetition. The work may still complete; its failure is logged.
 *
 * @param endsAt - epoch milliseconds; `undefined` waits without limit
 * @throws {RequestTimeout} when the time is over; `isUnavailable` is true for it
 */
export async function withinTime<T>(
  work: Promise<T>,
  endsAt: number | undefined,
  { clock, log }: { readonly clock: Clock; readonly log: Pick<Log, 'warn'> },
): Promise<T> {
  if (endsAt === undefined) return work
  const done = new AbortController()
  const timeout = clock.sleep(endsAt - clock.now(), done.signal).then(() => {
    if (done.signal.aborted) return work
    work.catch((error: unknown) => log.warn('A request failed after its response', { error }))
    throw new RequestTimeout('expected the table and the bus to respond within the time of the function')
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    done.abort()
  }
}
