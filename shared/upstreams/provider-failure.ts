import type { FailReason } from '#shared/domain/errors.ts'

/** A failure as a provider states it, apart from its status. */
export interface ProviderFailure {
  readonly reason: FailReason
  readonly message: string
  readonly scope?: 'provider' | 'item'
  /** Whether it counts for the provider's `escalation`; with scope `item` only. False by default. */
  readonly escalates?: boolean
  /** Whether another attempt may succeed; true by default for `rate-limited`. */
  readonly retryable?: boolean
  /** Wait that the provider states elsewhere than in `Retry-After`, which takes precedence. */
  readonly retryAfterMs?: number
  /** Cool-down if the provider states no wait: by default, after a rate limit, the provider's own. */
  readonly coolDownMs?: number
}
