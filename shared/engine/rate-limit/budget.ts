import type { Upstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Usage } from './cool-down.ts'
import type { Blocked } from './reservation.ts'

/** A run's part of what a provider allows. */
export interface Budget {
  readonly status: 'open'
  /**
   * Makes one call when its turn has come, and learns from how it ended.
   *
   * @throws {RefreshError} of scope `provider` when no further call may be made
   */
  call<T extends CallResult>(make: () => Promise<T>): Promise<T>
  /**
   * Has everybody leave the provider alone for as long as a failure asks.
   *
   * @param secretVersion - of the secret that was refused
   * @returns the failure, with the wait that now holds
   */
  startCoolDown(error: RefreshError, secretVersion: string | undefined): Promise<RefreshError>
  /** Nothing more is asked: whoever waits for a turn gets this failure. */
  stop(error: RefreshError): void
  /** The most that the provider counted of its own minute, in its own unit, if it said. */
  usedWeight(): number | undefined
  /** Why nothing more is asked, if so. */
  stopReason(): RefreshError | undefined
  /** Gives back what was not used, and says how the provider did. What cannot be written lapses by itself. */
  close(): Promise<void>
}

/** How one call ended; it does not throw. */
export interface CallResult {
  readonly error?: RefreshError | undefined
  /** What it told of the provider's own count. */
  readonly usage?: Usage | undefined
}

/** Why nothing more is asked, as a failure of whatever was still to ask. */
export function providerError({ reason, message }: Pick<RefreshError, 'reason' | 'message'>): RefreshError {
  return new RefreshError(reason, message, { scope: 'provider' })
}

/** A run has no time left to ask. */
export function deadlineError(): RefreshError {
  const message = 'the deadline was reached before the upstream could be asked'
  return new RefreshError('timeout', message, { scope: 'provider' })
}

/** Others hold all connections until the run's deadline. */
export function connectionsInUse({ title, limits }: Pick<Upstream, 'title' | 'limits'>): Blocked {
  const message = `all ${limits.concurrency} connections to ${title} are in use`
  return { status: 'refused', skip: 'upstream-busy', reason: 'timeout', message }
}
