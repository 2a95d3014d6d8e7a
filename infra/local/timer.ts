import type { Clock } from '#shared/domain/ports/clock.ts'

/** The longest wait at once: after a machine slept, the clock is looked at again within it. */
const MAX_SLEEP_MS = 15_000

/** A moment that is found to be further back was slept through: it is not made up for. */
const MAX_LATENESS_MS = 60_000

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
  void runTimer(clock, next, act, stopped.signal)
  return () => stopped.abort()
}

async function runTimer(
  clock: Clock,
  next: (after: number) => number | undefined,
  act: (at: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let at = next(clock.now()); at !== undefined; at = next(Math.max(at, clock.now() - MAX_LATENESS_MS))) {
    while (!signal.aborted && clock.now() < at)
      await clock.sleep(Math.min(at - clock.now(), MAX_SLEEP_MS), signal)
    if (signal.aborted) return
    if (clock.now() - at <= MAX_LATENESS_MS) act(at)
  }
}
