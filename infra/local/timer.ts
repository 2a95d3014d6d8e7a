import type { Clock } from '#shared/domain/ports/clock.ts'

/** The longest wait at once: after a machine slept, the clock is looked at again within it. */
const LOOK_MS = 15_000

/** A moment that is found to be further back was slept through: it is not made up for. */
const LATE_MS = 60_000

/**
 * Does something at each of a series of moments.
 *
 * @param next - the first moment after a given one, `undefined` when there is none; milliseconds since the epoch
 * @param act - told the moment it is for; never awaited
 * @returns what stops it
 */
export function startTimer(
  clock: Clock,
  next: (after: number) => number | undefined,
  act: (at: number) => void,
): () => void {
  const stopped = new AbortController()
  void follow(clock, next, act, stopped.signal)
  return () => stopped.abort()
}

async function follow(
  clock: Clock,
  next: (after: number) => number | undefined,
  act: (at: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let at = next(clock.now()); at !== undefined; at = next(Math.max(at, clock.now() - LATE_MS))) {
    while (!signal.aborted && clock.now() < at) await clock.sleep(Math.min(at - clock.now(), LOOK_MS), signal)
    if (signal.aborted) return
    if (clock.now() - at <= LATE_MS) act(at)
  }
}
