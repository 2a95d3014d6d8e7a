import type { Job } from '../declare/job.ts'
import type { JobState } from '../ports/records/job-state.ts'
import { isRunId } from './ids.ts'

/**
 * Whether a job runs because a run of one of its inputs was published: always where it follows that input; else while
 * its own data are missing or overdue, for its schedule brings the rest. Pure.
 *
 * @param run - id of the input's run
 */
export function isMovedBy(
  run: string,
  job: Pick<Job, 'follows'>,
  { freshUntil }: Pick<JobState, 'freshUntil'>,
  now: number,
): boolean {
  return freshUntil === undefined || freshUntil <= now || isFollowed(run, job)
}

/** Whether a run is one of an input that the job follows. */
export function isFollowed(run: string, { follows }: Pick<Job, 'follows'>): boolean {
  return follows.some((input) => isRunId(run, input))
}
