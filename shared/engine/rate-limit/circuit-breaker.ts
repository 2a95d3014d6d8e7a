import type { BreakerPolicy } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { Breaker } from '#shared/domain/records/upstream-state.ts'

/** What a call means for the breaker: success, the provider's fault, or another answer such as a refusal. */
export type BreakerSignal = 'success' | 'fault' | 'other'

export type CircuitState =
  | { readonly state: 'closed' }
  /** One run may make one call, the probe. */
  | { readonly state: 'half-open' }
  | { readonly state: 'open'; readonly until: number }

const FAULTS: readonly FailReason[] = ['timeout', 'network', 'certificate', 'upstream-fault']

/** The signal of one call. A refusal, a rate limit and a malformed body are answers, not faults. */
export function breakerSignal(reason: FailReason | undefined): BreakerSignal {
  if (reason === undefined) return 'success'
  return FAULTS.includes(reason) ? 'fault' : 'other'
}

/** The signal of all calls of a run; `undefined` when it made none. */
export function runSignal(signals: readonly BreakerSignal[]): BreakerSignal | undefined {
  return (['success', 'fault', 'other'] as const).find((signal) => signals.includes(signal))
}

/** State of the breaker for a run. While another run probes, it is open to all others (I7). */
export function circuitState({ openUntil, probe }: Breaker, owner: string, now: number): CircuitState {
  if (openUntil === undefined) return { state: 'closed' }
  if (now < openUntil) return { state: 'open', until: openUntil }
  if (probe && probe.owner !== owner && now < probe.until) return { state: 'open', until: probe.until }
  return { state: 'half-open' }
}

/**
 * The breaker after a run. A failed run counts once, however many calls it made. A probe without a fault closes the
 * breaker; while it is open only the probe counts, so that it changes at most once in a cool-down.
 *
 * @param signal - `undefined` when the run made no call
 */
export function nextBreaker(
  breaker: Breaker,
  owner: string,
  signal: BreakerSignal | undefined,
  { failures: maxFailures, coolDownMs }: BreakerPolicy,
  now: number,
): Breaker {
  const { failures, openUntil, probe } = breaker
  if (openUntil !== undefined) {
    if (probe?.owner !== owner) return breaker
    if (signal === undefined) return { failures, openUntil }
    return signal === 'fault' ? { failures: failures + 1, openUntil: now + coolDownMs } : { failures: 0 }
  }
  if (signal === 'success') return { failures: 0 }
  if (signal !== 'fault') return breaker
  const opens = failures + 1 >= maxFailures
  return { failures: failures + 1, ...defined({ openUntil: opens ? now + coolDownMs : undefined }) }
}
