import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'

/** The clock of a job that a test expects to have one. */
export function scheduleOf({ schedule }: Pick<Job, 'schedule'>): Schedule {
  const clock = clockOf(schedule)
  if (clock) return clock
  throw new TypeError('expected a job with a schedule, got one that runs on demand')
}
