import type { Clock } from '#shared/ports/clock.ts'

/** Short against any refresh: so much later may a first value be seen. */
const ABSENT_MS = 1_000

const MOST_REMEMBERED = 1_000

/**
 * Remembers for a second that nothing servable is stored under a key. Only for what nobody waits for: a memory of values
 * does not bound the looks at the table while there are none.
 */
export function absences(clock: Clock) {
  const missedAt = new Map<string, number>()
  return {
    has: (name: string): boolean =>
      clock.now() - (missedAt.get(name) ?? Number.NEGATIVE_INFINITY) < ABSENT_MS,
    note: (name: string): void => {
      if (missedAt.size >= MOST_REMEMBERED) missedAt.clear()
      missedAt.set(name, clock.now())
    },
  }
}
