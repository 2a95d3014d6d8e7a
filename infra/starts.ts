import type { Job } from '#shared/declare/job.ts'
import { activeJobs } from './alarms.ts'
import { cadenceOfJob } from './cadence.ts'
import { inputDelivery } from './edges.ts'

/** A stretch of the day in which one run of a job may be under way. */
export interface Stretch {
  /** Minute of the UTC day. */
  readonly start: number
  readonly lengthMs: number
}

/**
 * Runs that a job is known to make in a day at most: one for each tick, or as often as readers can have it run, and one
 * for each run of what it follows.
 */
export function startsPerDay(
  job: Job,
  jobs: readonly Job[],
): { readonly ticks: number; readonly all: number } {
  const ticks = cadenceOfJob(job).perDay
  const followed = followedBy(job, jobs).map((input) => startsPerDay(input, jobs).all)
  return { ticks, all: followed.reduce((sum, starts) => sum + starts, ticks) }
}

/** When these runs may be under way: from a tick, or from the beginning of the run that is followed. */
export function stretchesOf(job: Job, jobs: readonly Job[]): readonly Stretch[] {
  const { spreadMs, run } = job
  const ticks = [...cadenceOfJob(job).minutes].map((start) => ({
    start,
    lengthMs: spreadMs + run.deadlineMs,
  }))
  const followed = followedBy(job, jobs)
    .flatMap((input) => stretchesOf(input, jobs))
    .map(({ start, lengthMs }) => ({ start, lengthMs: lengthMs + inputDelivery.maxAgeMs + run.deadlineMs }))
  return [...ticks, ...followed]
}

function followedBy({ follows }: Job, jobs: readonly Job[]): readonly Job[] {
  return activeJobs(jobs).filter(({ id }) => follows.includes(id))
}
