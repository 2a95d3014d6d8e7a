import type { BreakerPolicy } from '#shared/declare/upstream.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { Breaker } from '#shared/domain/records/upstream-state.ts'

/** What calls tell of the provider: it served something, it failed by its own fault, or it answered something else. */
export type Verdict = 'served' | 'faulty' | 'answered'

export type Stance =
  | { readonly stance: 'closed' }
  /** One run may ask one thing. */
  | { readonly stance: 'half-open' }
  | { readonly stance: 'open'; readonly until: number }

const FAULTS: readonly FailReason[] = ['timeout', 'network', 'certificate', 'upstream-fault']

/** What one call tells. A refusal, a limit or an odd body is an answer. */
export function verdictOf(reason: FailReason | undefined): Verdict {
  if (reason === undefined) return 'served'
  return FAULTS.includes(reason) ? 'faulty' : 'answered'
}

/** What all calls of a run tell; `undefined` when it made none. */
export function verdictOfRun(calls: readonly Verdict[]): Verdict | undefined {
  return (['served', 'faulty', 'answered'] as const).find((verdict) => calls.includes(verdict))
}

/** What the breaker lets a run do. While another run probes, it is open to all others. */
export function stanceOf({ openUntil, probe }: Breaker, owner: string, now: number): Stance {
  if (openUntil === undefined) return { stance: 'closed' }
  if (now < openUntil) return { stance: 'open', until: openUntil }
  if (probe && probe.owner !== owner && now < probe.until) return { stance: 'open', until: probe.until }
  return { stance: 'half-open' }
}

/**
 * The breaker after a run. One failed run counts once, however many calls it made. A probe that meets no fault closes
 * it; while it is open only the probe counts, so that it never swings faster than its cool-down.
 */
export function concluded(
  breaker: Breaker,
  owner: string,
  verdict: Verdict | undefined,
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
