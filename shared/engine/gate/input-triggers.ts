import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { isRunId } from '#shared/domain/ids.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'

/** The inputs of whose publications a job is told: of one that runs on demand, those that it follows. */
export function triggeringInputs({
  schedule,
  inputs,
  follows,
}: Pick<Job, 'schedule' | 'inputs' | 'follows'>): readonly string[] {
  return clockOf(schedule) ? inputs : follows
}

/**
 * Whether a job runs because a run of one of its inputs was published: always where it follows that input; else while
 * its own data are missing or overdue, for its schedule brings the rest. Pure.
 *
 * @param run - id of the input's run
 */
export function isTriggeredBy(
  run: string,
  job: Pick<Job, 'schedule' | 'inputs' | 'follows'>,
  { freshUntil }: Pick<JobState, 'freshUntil'>,
  now: number,
): boolean {
  if (isFollowed(run, job)) return true
  const isTold = triggeringInputs(job).some((input) => isRunId(run, input))
  return isTold && (freshUntil === undefined || freshUntil <= now)
}

/** Whether a run is one of an input that the job follows. */
export function isFollowed(run: string, { follows }: Pick<Job, 'follows'>): boolean {
  return follows.some((input) => isRunId(run, input))
}
