import type { BreakerPolicy } from '#shared/declare/upstream.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { Breaker } from '#shared/domain/records/upstream-state.ts'

/** What calls tell of the provider: it served something, it failed by its own fault, or it answered something else. */
export type BreakerSignal = 'served' | 'faulty' | 'answered'

export type CircuitState =
  | { readonly state: 'closed' }
  /** One run may ask one thing. */
  | { readonly state: 'half-open' }
  | { readonly state: 'open'; readonly until: number }

const FAULTS: readonly FailReason[] = ['timeout', 'network', 'certificate', 'upstream-fault']

/** What one call tells. A refusal, a limit or an odd body is an answer. */
export function breakerSignal(reason: FailReason | undefined): BreakerSignal {
  if (reason === undefined) return 'served'
  return FAULTS.includes(reason) ? 'faulty' : 'answered'
}

/** What all calls of a run tell; `undefined` when it made none. */
export function runSignal(calls: readonly BreakerSignal[]): BreakerSignal | undefined {
  return (['served', 'faulty', 'answered'] as const).find((verdict) => calls.includes(verdict))
}

/** What the breaker lets a run do. While another run probes, it is open to all others. */
export function circuitState({ openUntil, probe }: Breaker, owner: string, now: number): CircuitState {
  if (openUntil === undefined) return { state: 'closed' }
  if (now < openUntil) return { state: 'open', until: openUntil }
  if (probe && probe.owner !== owner && now < probe.until) return { state: 'open', until: probe.until }
  return { state: 'half-open' }
}

/**
 * The breaker after a run. One failed run counts once, however many calls it made. A probe that meets no fault closes
 * it; while it is open only the probe counts, so that it never swings faster than its cool-down.
 */
export function nextBreaker(
  breaker: Breaker,
  owner: string,
  verdict: BreakerSignal | undefined,
  { failures: most, coolDownMs }: BreakerPolicy,
  now: number,
): Breaker {
  const { failures, openUntil, probe } = breaker
  if (openUntil !== undefined) {
    if (probe?.owner !== owner) return breaker
    if (verdict === undefined) return { failures, openUntil }
    return verdict === 'faulty' ? { failures: failures + 1, openUntil: now + coolDownMs } : { failures: 0 }
  }
  if (verdict === 'served') return { failures: 0 }
  if (verdict !== 'faulty') return breaker
  const isOpen = failures + 1 >= most
  return { failures: failures + 1, ...(isOpen ? { openUntil: now + coolDownMs } : {}) }
}
