import { activeJobs } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { isoText } from '#shared/domain/time.ts'
import { functionNameFor } from './event-bus.ts'

interface LocalScheduleOptions {
  readonly jobs: readonly Pick<Job, 'id' | 'off' | 'schedule' | 'run'>[]
  readonly clock: Clock
  /** The first tick after a time, both in milliseconds since the epoch; `undefined` when there is none. */
  readonly next: (schedule: Schedule, after: number) => number | undefined
  /** Invokes a function without waiting for it. */
  readonly deliver: (functionName: string, event: object) => void
}

/**
 * Delivers the ticks of every scheduled job that is not off, and invokes the watchdog now and at each full minute.
 * Ticks during a sleep of the machine are dropped.
 *
 * @returns a function that stops it
 */
export function startSchedules({ jobs, clock, next, deliver }: LocalScheduleOptions): () => void {
  const watch = () => deliver('watchdog', { watchdog: true })
  const stops = activeJobs(jobs).flatMap((job) => {
    const schedule = clockOf(job.schedule)
    if (!schedule) return []
    const tick = (at: number) => deliver(functionNameFor(job), { job: job.id, tick: isoText(at) })
    return [startTimer(clock, (after) => next(schedule, after), tick)]
  })
  watch()
  stops.push(startTimer(clock, (after) => (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS, watch))
  return () => {
    for (const stop of stops) stop()
  }
}

/** Longest single wait: the clock is read again at least this often, in case the machine was asleep. */
const MAX_SLEEP_MS = 15_000

/** A time further back than this fell into a sleep of the machine and is dropped. */
const MAX_LATENESS_MS = MINUTE_MS

/**
 * Calls a function at each of a series of times.
 *
 * @param next - the first time after another one, `undefined` when there is none; milliseconds since the epoch
 * @param act - called with the scheduled time; its result is not awaited
 * @returns a function that stops it
 */
function startTimer(
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
