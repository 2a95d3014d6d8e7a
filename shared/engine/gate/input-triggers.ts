import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { isRunId } from '#shared/domain/ids.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'

/** The inputs whose publications may start a job: all inputs of a scheduled job, only the followed ones on demand. */
export function triggeringInputs({
  schedule,
  inputs,
  follows,
}: Pick<Job, 'schedule' | 'inputs' | 'follows'>): readonly string[] {
  return clockOf(schedule) ? inputs : follows
}

/**
 * Whether a published run of an input starts a run of the job: always if the job follows that input; else while its own
 * data are missing or overdue, because its schedule refreshes them otherwise.
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
  const isOverdue = freshUntil === undefined || freshUntil <= now
  return isOverdue && triggeringInputs(job).some((input) => isRunId(run, input))
}

/** Whether a run belongs to an input that the job follows. */
export function isFollowed(run: string, { follows }: Pick<Job, 'follows'>): boolean {
  return follows.some((input) => isRunId(run, input))
}
