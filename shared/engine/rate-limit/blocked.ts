import type { Upstream } from '#shared/declare/upstream.ts'
import { assertNever, type FailReason, RefreshError } from '#shared/domain/errors.ts'
import type { SkipReason } from '#shared/domain/outcome.ts'
import type { CoolDown, UpstreamState } from '#shared/domain/records/upstream-state.ts'
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
  /** Whether a reader or an operator waits for the run: it gets the next free connection. */
  readonly isInteractive: boolean
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

/** What keeps a run from calling a provider. `until` is in milliseconds since the epoch. */
export type UpstreamBlock =
  | { readonly kind: 'off'; readonly off: string }
  | { readonly kind: 'cool-down'; readonly until: number; readonly coolDown: CoolDown }
  | { readonly kind: 'full-minute'; readonly until: number; readonly used: number }
  | {
      readonly kind: 'quota'
      readonly until: number
      readonly limit: number
      readonly span: 'day' | 'month'
    }
  | { readonly kind: 'circuit'; readonly until: number; readonly failures: number }
  /** The next scheduled run makes the one call that may close the circuit. */
  | { readonly kind: 'probe' }

/**
 * What keeps a run from calling the provider at all: its settings do not allow it, a cool-down or a full minute lasts
 * longer than the run, the allowance is used up, or the circuit breaker is open (I7).
 */
export function upstreamBlock(
  state: UpstreamState,
  { owner, deadline, countsForBreaker, forOperator, secretVersion }: Caller,
  { limits, off }: Pick<Upstream, 'limits' | 'off'>,
  now: number,
): UpstreamBlock | undefined {
  if (off !== undefined) return { kind: 'off', off }
  const coolDown = activeCoolDown(state, secretVersion, now)
  if (coolDown && coolDown.until > deadline) return { kind: 'cool-down', until: coolDown.until, coolDown }
  const usage = activeUsageCoolDown(state, now)
  if (usage && usage.until > deadline) return { kind: 'full-minute', ...usage }
  const quota = allowance(state, limits, forOperator, now)
  if (quota && quota.remaining < 1) {
    const { limit, span, resetsAt } = quota
    return { kind: 'quota', until: resetsAt, limit, span }
  }
  const circuit = circuitState(state.breaker, owner, now)
  if (circuit.state === 'open')
    return { kind: 'circuit', until: circuit.until, failures: state.breaker.failures }
  return circuit.state === 'half-open' && !countsForBreaker ? { kind: 'probe' } : undefined
}

/** The {@link upstreamBlock} of a run as its outcome and the failure of its calls. */
export function checkBlocked(
  state: UpstreamState,
  caller: Caller,
  upstream: Pick<Upstream, 'title' | 'limits' | 'off'>,
  now: number,
): Blocked | undefined {
  const block = upstreamBlock(state, caller, upstream, now)
  if (!block) return undefined
  const { title } = upstream
  switch (block.kind) {
    case 'off':
      return notConfigured(`${title}: ${block.off}`)
    case 'cool-down':
      return cooling(
        block.coolDown.reason,
        `${title} is cooling down until ${isoText(block.until)} (${block.coolDown.reason})`,
      )
    case 'full-minute':
      return cooling(
        'rate-limited',
        `${title} counts ${block.used} in its current minute and is cooling down until ${isoText(block.until)}`,
      )
    case 'quota': {
      const share = caller.forOperator ? '' : ' that scheduled runs may use'
      const message = `the ${block.limit} calls a ${block.span} of ${title}${share} are used up until ${isoText(block.until)}`
      return cooling('quota-exhausted', message)
    }
    case 'circuit':
      return cooling(
        'upstream-fault',
        `${title} failed ${block.failures} times and is cooling down until ${isoText(block.until)}`,
      )
    case 'probe':
      return cooling(
        'upstream-fault',
        `${title} failed; the next scheduled run checks whether it has recovered`,
      )
    default:
      return assertNever(block)
  }
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
