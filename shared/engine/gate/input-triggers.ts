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

/**
 * Whether runs of one key of its inputs concern a job: those of an input whose keys have the form of its own, as the scores of
 * a symbol follow the indicators of that symbol.
 *
 * @param jobs - all jobs, among them the inputs
 */
export function followsKeys(
  job: Pick<Job, 'schedule' | 'inputs' | 'follows' | 'keys'>,
  jobs: readonly Pick<Job, 'id' | 'keys'>[],
): boolean {
  const form = job.keys?.pattern
  if (form === undefined) return false
  const inputs = triggeringInputs(job)
  return jobs.some(({ id, keys }) => inputs.includes(id) && keys?.pattern === form)
}

/** Whether a key has the declared form of the keys of a job; any key if it declares none. */
export function isOwnKey({ keys }: Pick<Job, 'keys'>, key: string): boolean {
  return keys === undefined || new RegExp(`^(?:${keys.pattern})$`, 'u').test(key)
}

/** Whether a run belongs to an input that the job follows. */
export function isFollowed(run: string, { follows }: Pick<Job, 'follows'>): boolean {
  return follows.some((input) => isRunId(run, input))
}
