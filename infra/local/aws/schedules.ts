import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { functionNameFor } from './event-bus.ts'

interface LocalScheduleOptions {
  readonly jobs: readonly Pick<Job, 'id' | 'off' | 'schedule' | 'run'>[]
  readonly clock: Clock
  /** The first tick after a moment, both in milliseconds since the epoch; `undefined` when there is none. */
  readonly next: (schedule: Schedule, after: number) => number | undefined
  /** Invokes a function without waiting for it. */
  readonly deliver: (functionName: string, event: object) => void
}

/**
 * Delivers the ticks of every job that has a clock and is not off, and wakes the watchdog now and at each full minute. Ticks that fall
 * into a machine's sleep are not made up for.
 *
 * @returns what stops it
 */
export function startSchedules({ jobs, clock, next, deliver }: LocalScheduleOptions): () => void {
  const watch = () => deliver('watchdog', { watchdog: true })
  const stops = jobs
    .filter(({ off }) => off === undefined)
    .flatMap((job) => {
      const schedule = clockOf(job.schedule)
      if (!schedule) return []
      const tick = (at: number) =>
        deliver(functionNameFor(job), { job: job.id, tick: new Date(at).toISOString() })
      return [startTimer(clock, (after) => next(schedule, after), tick)]
    })
  watch()
  stops.push(startTimer(clock, (after) => (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS, watch))
  return () => {
    for (const stop of stops) stop()
  }
}

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
