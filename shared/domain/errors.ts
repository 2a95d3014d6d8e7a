import { defined } from './defined.ts'

/** Why a run or one of its keys failed: the same spelling in records, logs, metrics and the API. */
export type FailReason =
  | 'timeout'
  | 'network'
  | 'certificate'
  | 'upstream-fault'
  | 'rate-limited'
  | 'quota-exhausted'
  | 'bad-request'
  | 'auth'
  | 'forbidden-region'
  | 'not-found'
  | 'refused'
  | 'malformed'
  | 'rejected'
  | 'secret'
  | 'store'
  | 'too-large'
  | 'cancelled'
  | 'start'
  | 'defect'

interface RefreshErrorOptions extends ErrorOptions {
  /** Whether another attempt in the same run may succeed; false by default. */
  readonly retryable?: boolean
  /** Wait that the upstream asked for (`Retry-After`). */
  readonly retryAfterMs?: number
  /** Cool-down of the upstream when it does not state a wait. */
  readonly coolDownMs?: number
  /** `provider`: no further call of this run can succeed; `item` (the default): only this key fails. */
  readonly scope?: 'provider' | 'item'
  /**
   * Whether the provider's own code or text says so; false by default. A status alone can also come from a proxy in
   * front of the provider.
   */
  readonly isExplicit?: boolean
  /**
   * Whether the failure of an item counts for the provider's `escalation`: several in a row start a cool-down. False by
   * default.
   */
  readonly escalates?: boolean
}

/**
 * The failure of one request of a run. The message has the expected and the actual value; it never contains a URL, a
 * header or a secret.
 */
export class RefreshError extends Error {
  override readonly name = 'RefreshError'
  readonly reason: FailReason
  readonly retryable: boolean
  readonly scope: 'provider' | 'item'
  readonly isExplicit: boolean
  readonly escalates: boolean
  readonly retryAfterMs?: number
  readonly coolDownMs?: number

  constructor(reason: FailReason, message: string, options: RefreshErrorOptions = {}) {
    super(message, options)
    this.reason = reason
    this.retryable = options.retryable ?? false
    this.scope = options.scope ?? 'item'
    this.isExplicit = options.isExplicit ?? false
    this.escalates = options.escalates ?? false
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
    if (options.coolDownMs !== undefined) this.coolDownMs = options.coolDownMs
  }
}

/** The same failure with another message, scope or wait. */
export function copyWith(
  error: RefreshError,
  change: {
    readonly message?: string
    readonly scope?: 'provider'
    readonly retryAfterMs?: number
  },
): RefreshError {
  const { reason, message, retryable, isExplicit, escalates, retryAfterMs, coolDownMs } = error
  const scope = change.scope ?? error.scope
  const waits = defined({ retryAfterMs: change.retryAfterMs ?? retryAfterMs, coolDownMs })
  const options = { retryable, scope, isExplicit, escalates, ...waits, cause: error }
  return new RefreshError(reason, change.message ?? message, options)
}

/** Converts any thrown value to a {@link RefreshError}; every other type is a `defect` in our own code. */
export function asRefreshError(error: unknown): RefreshError {
  if (error instanceof RefreshError) return error
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new RefreshError('defect', message, { cause: error })
}

/** Ends a switch over a union: the compiler reports a missing case. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected ${JSON.stringify(value)}`)
}
