import { activeJobs, cadenceOfJob } from '#infra/definitions/cadence.ts'
import { inputDeliveryPolicy } from '#infra/definitions/delivery-policy.ts'
import type { Job } from '#shared/declare/job.ts'

/** A part of the day in which one run of a job may be running. */
export interface RunWindow {
  /** Minute of the UTC day. */
  readonly startMinute: number
  readonly lengthMs: number
}

/**
 * The maximum of a job's runs in a day: `ticks` by its schedule, or by readers when it runs on demand; `all` also counts
 * one for each run of the jobs that it follows.
 */
export function runsPerDay(job: Job, jobs: readonly Job[]): { readonly ticks: number; readonly all: number } {
  const ticks = cadenceOfJob(job).perDay
  const followed = followedJobs(job, jobs).map((input) => runsPerDay(input, jobs).all)
  return { ticks, all: followed.reduce((sum, runs) => sum + runs, ticks) }
}

/** The windows of these runs: from a tick, or from the start of the followed run. */
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
