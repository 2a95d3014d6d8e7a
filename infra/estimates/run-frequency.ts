import { activeJobs, cadenceOfJob } from '#infra/definitions/cadence.ts'
import { inputDeliveryPolicy } from '#infra/definitions/delivery-policy.ts'
import type { Job } from '#shared/declare/job.ts'

/** A stretch of the day in which one run of a job may be under way. */
export interface RunWindow {
  /** Minute of the UTC day. */
  readonly startMinute: number
  readonly lengthMs: number
}

/**
 * Runs that a job is known to make in a day at most: one for each tick, or as often as readers can have it run, and one
 * for each run of what it follows.
 */
export function runsPerDay(job: Job, jobs: readonly Job[]): { readonly ticks: number; readonly all: number } {
  const ticks = cadenceOfJob(job).perDay
  const followed = followedJobs(job, jobs).map((input) => runsPerDay(input, jobs).all)
  return { ticks, all: followed.reduce((sum, starts) => sum + starts, ticks) }
}

/** When these runs may be under way: from a tick, or from the beginning of the run that is followed. */
export function runWindows(job: Job, jobs: readonly Job[]): readonly RunWindow[] {
  const { spreadMs, run } = job
  const ticks = [...cadenceOfJob(job).minutes].map((startMinute) => ({
    startMinute,
    lengthMs: spreadMs + run.deadlineMs,
  }))
  const followed = followedJobs(job, jobs)
    .flatMap((input) => runWindows(input, jobs))
    .map(({ startMinute, lengthMs }) => ({
      startMinute,
      lengthMs: lengthMs + inputDeliveryPolicy.maxAgeMs + run.deadlineMs,
    }))
  return [...ticks, ...followed]
}

function followedJobs({ follows }: Job, jobs: readonly Job[]): readonly Job[] {
  return activeJobs(jobs).filter(({ id }) => follows.includes(id))
}
