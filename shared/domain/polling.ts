/** When to poll. All times are milliseconds; `deadline` is an epoch time. */
export interface PollOptions {
  /** The last poll starts at this time at the latest. */
  readonly deadline: number
  /** Wait before the second poll; each further wait is 1.5 times as long. */
  readonly firstMs: number
  /** Longest wait between two polls; `firstMs` by default, which makes all waits equal. */
  readonly maxMs?: number
  /** Whether the first poll happens at once (the default) or after `firstMs`. */
  readonly startsWithWait?: boolean
  /** Makes each wait 0.5 to 1.5 times as long, so that several processes do not poll in step. */
  readonly random?: () => number
}

/** The part of a clock that polling uses. */
interface PollClock {
  now(): number
  sleep(ms: number): Promise<void>
}

const GROWTH = 1.5

/**
 * Calls `probe` until it returns a value, with growing waits between the calls.
 *
 * @returns the value, or `undefined` once the deadline has passed
 * @throws whatever `probe` throws, at once
 * @example
 * const run = await pollUntil(clock, { deadline: now + 8_000, firstMs: 100, maxMs: 500 }, () => runs.get(job, id))
 */
export async function pollUntil<T>(
  clock: PollClock,
  { deadline, firstMs, maxMs = firstMs, startsWithWait = false, random }: PollOptions,
  probe: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let waitMs = firstMs
  if (!startsWithWait) {
    const value = await probe()
    if (value !== undefined) return value
  }
  while (clock.now() < deadline) {
    const jitteredMs = random ? Math.ceil(waitMs * (0.5 + random())) : waitMs
    await clock.sleep(Math.min(jitteredMs, deadline - clock.now()))
    waitMs = Math.min(waitMs * GROWTH, maxMs)
    const value = await probe()
    if (value !== undefined) return value
  }
  return undefined
}
