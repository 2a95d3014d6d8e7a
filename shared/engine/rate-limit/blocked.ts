import type { Upstream } from '#shared/declare/upstream.ts'
import { type FailReason, RefreshError } from '#shared/domain/errors.ts'
import type { SkipReason } from '#shared/domain/outcome.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { isoText } from '#shared/domain/time.ts'
import { circuitState } from './circuit-breaker.ts'
import { activeCoolDown, activeUsageCoolDown } from './cool-down.ts'
import { allowance } from './quota.ts'

/** Who calls the provider. Times are milliseconds since the epoch. */
export interface Caller {
  readonly owner: string
  /** No call starts after this time. */
  readonly deadline: number
  /** Whether its calls count for the circuit breaker; if so, it may also probe. */
  readonly countsForBreaker: boolean
  /** Whether it may use the calls that are reserved for operators. */
  readonly forOperator: boolean
  /** Version of the secret that its calls send. */
  readonly secretVersion?: string
}

/** Why a run may not call a provider: its outcome before its first call, afterwards its failure. */
export interface Blocked {
  readonly status: 'blocked'
  readonly skip: SkipReason
  readonly reason: FailReason
  readonly message: string
}

/**
 * Why a run may not call the provider at all: its settings do not allow it, a cool-down or a full minute lasts longer
 * than the run, the allowance is used up, or the circuit breaker is open (I7).
 */
export function checkBlocked(
  state: UpstreamState,
  { owner, deadline, countsForBreaker, forOperator, secretVersion }: Caller,
  { title, limits, off }: Pick<Upstream, 'title' | 'limits' | 'off'>,
  now: number,
): Blocked | undefined {
  if (off !== undefined) return notConfigured(`${title}: ${off}`)
  const coolDown = activeCoolDown(state, secretVersion, now)
  if (coolDown && coolDown.until > deadline) {
    const { until, reason } = coolDown
    return cooling(reason, `${title} is cooling down until ${isoText(until)} (${reason})`)
  }
  const usage = activeUsageCoolDown(state, now)
  if (usage && usage.until > deadline) {
    const message = `${title} counts ${usage.used} in its current minute and is cooling down until ${isoText(usage.until)}`
    return cooling('rate-limited', message)
  }
  const quota = allowance(state, limits, forOperator, now)
  if (quota && quota.remaining < 1) {
    const share = forOperator ? '' : ' that scheduled runs may use'
    const message = `the ${quota.limit} calls a ${quota.span} of ${title}${share} are used up until ${isoText(quota.resetsAt)}`
    return cooling('quota-exhausted', message)
  }
  const circuit = circuitState(state.breaker, owner, now)
  if (circuit.state === 'open') {
    const message = `${title} failed ${state.breaker.failures} times and is cooling down until ${isoText(circuit.until)}`
    return cooling('upstream-fault', message)
  }
  if (circuit.state === 'half-open' && !countsForBreaker) {
    return cooling(
      'upstream-fault',
      `${title} failed; the next scheduled run checks whether it has recovered`,
    )
  }
  return undefined
}

function cooling(reason: FailReason, message: string): Blocked {
  return { status: 'blocked', skip: 'upstream-cooling', reason, message }
}

/** The block of every run, until the settings change. */
function notConfigured(message: string): Blocked {
  return { status: 'blocked', skip: 'not-configured', reason: 'refused', message }
}

/** The block of a run whose next call would come too late. */
export function busy(message: string): Blocked {
  return { status: 'blocked', skip: 'upstream-busy', reason: 'timeout', message }
}

/** The failure of every request that a run can no longer make. */
export function providerError({ reason, message }: Pick<RefreshError, 'reason' | 'message'>): RefreshError {
  return new RefreshError(reason, message, { scope: 'provider' })
}
