import type { Upstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Blocked } from './reserve.ts'

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
