import type { Limits } from '#shared/declare/upstream.ts'

/** A call is made within this time of its slot, or the slot is lost. */
export const GRACE_MS = 1_000

/** So far may the clocks of two processes be apart. */
export const SKEW_MS = 1_000

const WINDOW_MS = 60_000

/** Reserved ahead in one block: what a run under way may still do before it hears of a cool-down. */
const BLOCK_MS = 1_000

/**
 * The next slots for calls, by the generic cell rate algorithm: an even pace with bursts after quiet whiles. Between
 * two slots lies as much as keeps any sixty seconds within the limit, although a call may be late by the grace and
 * clocks may be apart.
 *
 * @param due - when the next call would be due at an even pace, as the table has it
 * @param from - no slot before
 * @param most - slots wanted; fewer come when they would lie more than a second apart from the first
 * @returns times of the slots, at least one, and the next `due`
 * @see ITU-T I.371, annex A.2.1, virtual scheduling algorithm
 */
export function slotsFrom(
  due: number | undefined,
  from: number,
  most: number,
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
  } while (slots.length < most)
  return { slots, due: next }
}

/** Between two calls at an even pace, in milliseconds. */
export function intervalMs({ perMinute, burst }: Pick<Limits, 'perMinute' | 'burst'>): number {
  return (WINDOW_MS + GRACE_MS + SKEW_MS) / (perMinute - burst + 1)
}
