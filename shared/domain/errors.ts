/** Why a run, or one of its keys, failed. One spelling everywhere: records, logs, metrics, API. */
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
  /** Another attempt in the same run may succeed. */
  readonly retryable?: boolean
  /** The upstream asked to be left alone for so long. */
  readonly retryAfterMs?: number
  /** For how long to leave it alone, where it does not say. */
  readonly coolDownMs?: number
  /** `provider`: no further call of this run can succeed; `item`: only this key is concerned. */
  readonly scope?: 'provider' | 'item'
}

/**
 * What went wrong with one request of a run. The message says expected and got; it never holds a URL, a header or
 * a secret.
 */
export class RefreshError extends Error {
  override readonly name = 'RefreshError'
  readonly reason: FailReason
  readonly retryable: boolean
  readonly scope: 'provider' | 'item'
  readonly retryAfterMs?: number
  readonly coolDownMs?: number

  constructor(reason: FailReason, message: string, options: RefreshErrorOptions = {}) {
    super(message, options)
    this.reason = reason
    this.retryable = options.retryable ?? false
    this.scope = options.scope ?? 'item'
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
    if (options.coolDownMs !== undefined) this.coolDownMs = options.coolDownMs
  }
}

/** The same failure in other words, or with another wait. */
export function copyWith(
  error: RefreshError,
  change: { readonly message?: string; readonly retryAfterMs?: number },
): RefreshError {
  const { reason, message, retryable, scope, retryAfterMs, coolDownMs } = error
  const waits = {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(coolDownMs === undefined ? {} : { coolDownMs }),
  }
  const wait = change.retryAfterMs === undefined ? {} : { retryAfterMs: change.retryAfterMs }
  const options = { retryable, scope, ...waits, ...wait, cause: error }
  return new RefreshError(reason, change.message ?? message, options)
}

/** Any thrown value as a {@link RefreshError}: what is not one already is a `defect` in our own code. */
export function asRefreshError(error: unknown): RefreshError {
  if (error instanceof RefreshError) return error
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new RefreshError('defect', message, { cause: error })
}

/** Marks a switch over a union as complete: the compiler refuses a missing case. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected ${JSON.stringify(value)}`)
}
