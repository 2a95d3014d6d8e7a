import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { functionNameFor } from './runner-of.ts'
import { startTimer } from './timer.ts'

interface LocalScheduleOptions {
  readonly jobs: readonly Pick<Job, 'id' | 'off' | 'schedule' | 'run'>[]
  readonly clock: Clock
  /** The first tick after a moment, both in milliseconds since the epoch; `undefined` when there is none. */
  readonly next: (schedule: Schedule, after: number) => number | undefined
  /** Invokes a function without waiting for it. */
  readonly deliver: (functionName: string, event: object) => void
}

const MINUTE_MS = 60_000

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
