import type { EscalationPolicy } from '#shared/declare/upstream-spec.ts'
import { defined } from '#shared/domain/defined.ts'
import { copyWith, type RefreshError } from '#shared/domain/errors.ts'
import type { CoolDown, UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { isoText } from '#shared/domain/time.ts'
import { activeCoolDown, coolDownStart } from './cool-down.ts'

type Counted = Pick<UpstreamState, 'escalation' | 'coolDown'>

/**
 * Counts failures of items in a row. From the declared number on they start a cool-down of the provider, twice as long as
 * the one before: after it, one more failure is enough. Answers that arrive during a cool-down do not lengthen it.
 *
 * @param count - number of failures since the state was written
 * @returns what changes in the state, absent when nothing does, and the cool-down that follows from the row, if one does
 */
export function countFailures(
  state: Counted,
  count: number,
  error: Pick<RefreshError, 'reason' | 'message'>,
  policy: EscalationPolicy,
  now: number,
): { readonly change?: Counted; readonly coolDown?: CoolDown } {
  const { failures: before = 0, coolDownMs: lastMs } = state.escalation ?? {}
  const failures = Math.min(before + count, policy.failures)
  const active = activeCoolDown(state, undefined, now)
  const isEscalated = failures === policy.failures
  if (isEscalated && !active) {
    const doubledMs = lastMs === undefined ? policy.coolDownMs : 2 * lastMs
    const coolDownMs = Math.min(doubledMs, policy.maxCoolDownMs)
    const coolDown = { until: now + coolDownMs, ...coolDownStart(error, now) }
    return { change: { escalation: { failures, coolDownMs }, coolDown }, coolDown }
  }
  const escalation = { ...state.escalation, failures }
  return defined({
    change: failures === before ? undefined : { escalation },
    coolDown: isEscalated ? active : undefined,
  })
}

/** The failure of an item as one of the provider, which stops the run. */
export function escalatedError(
  error: RefreshError,
  { until }: CoolDown,
  { failures }: EscalationPolicy,
  now: number,
): RefreshError {
  const message = `${error.message}; ${failures} such failures in a row, cooling down until ${isoText(until)}`
  return copyWith(error, { message, scope: 'provider', retryAfterMs: Math.max(0, until - now) })
}

/** The state after a successful answer; `undefined` when no failure precedes it. */
export function withoutFailures({ escalation, ...rest }: UpstreamState): UpstreamState | undefined {
  return escalation && rest
}
