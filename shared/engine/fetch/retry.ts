import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { RefreshError } from '#shared/domain/errors.ts'
import type { Random } from '#shared/domain/ports/clock.ts'

/** Largest ceiling of the backoff. */
const MAX_BACKOFF_MS = MINUTE_MS

/** When a failed call is repeated. */
export interface RetryPolicy {
  /** Maximum number of attempts, the first included. */
  readonly attempts: number
  readonly backoffMs: number
  readonly attemptTimeoutMs: number
}

/**
 * How long to wait before the next attempt, in milliseconds; `undefined` when there is none.
 *
 * Full jitter over an exponential ceiling: after attempt n, `random(0, min(60 s, base * 2^(n-1)))`, shortened so that
 * one whole attempt still fits before the deadline. A wait that the upstream asked for is not shortened: when it does
 * not fit, there is no retry.
 *
 * @param attempt - attempts made so far, at least 1
 * @param leftMs - time left until the run's deadline
 * @see Marc Brooker, Exponential Backoff And Jitter, AWS Architecture Blog (2015)
 */
export function retryWaitMs(
  error: RefreshError,
  attempt: number,
  policy: RetryPolicy,
  leftMs: number,
  random: Random,
): number | undefined {
  const maxWaitMs = leftMs - policy.attemptTimeoutMs
  if (!error.retryable || attempt >= policy.attempts || maxWaitMs < 0) return undefined
  const { retryAfterMs } = error
  if (retryAfterMs !== undefined) return retryAfterMs <= maxWaitMs ? retryAfterMs : undefined
  const ceilingMs = Math.min(MAX_BACKOFF_MS, policy.backoffMs * 2 ** (attempt - 1))
  return Math.min(random() * ceilingMs, maxWaitMs)
}
