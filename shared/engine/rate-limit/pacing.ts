import type { Limits } from '#shared/declare/upstream-spec.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'

/** A call starts within this time after its slot, or the slot is lost. */
export const GRACE_MS = 1_000

/** Maximum clock skew between two processes. */
export const SKEW_MS = 1_000

/** Length of one reserved block: how long a run may go on before it notices another run's cool-down. */
const BLOCK_MS = 1_000

/**
 * The next slots for calls, by the generic cell rate algorithm: an even pace with bursts after quiet periods. Two slots
 * are so far apart that any sixty seconds stay within the limit (I6), although a call may be late by the grace and
 * clocks may differ.
 *
 * @param due - stored time at which the next call is due at an even pace
 * @param from - earliest time of a slot
 * @param max - maximum number of slots; fewer when they would be more than a second after the first one
 * @returns times of the slots, at least one, and the next `due`
 * @see ITU-T I.371, annex A.2.1, virtual scheduling algorithm
 */
export function slotsFrom(
  due: number | undefined,
  from: number,
  max: number,
  limits: Pick<Limits, 'perMinute' | 'burst'>,
): { readonly slots: readonly number[]; readonly due: number } {
  const { burst } = limits
  const interval = intervalMs(limits)
  const slots: number[] = []
  let next = due ?? from
  do {
    const slot = Math.max(from, Math.ceil(next - (burst - 1) * interval))
    if (slots.length > 0 && slot > (slots[0] ?? slot) + BLOCK_MS) break
    slots.push(slot)
    next = Math.max(next, from) + interval
  } while (slots.length < max)
  return { slots, due: next }
}

/** Time between two calls at an even pace, in milliseconds. */
export function intervalMs({ perMinute, burst }: Pick<Limits, 'perMinute' | 'burst'>): number {
  return (MINUTE_MS + GRACE_MS + SKEW_MS) / (perMinute - burst + 1)
}
