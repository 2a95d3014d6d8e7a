import type { Job } from '#shared/declare/job.ts'

/** The name of the function that the schedule and the bus lead to: that of the job, or where tasks are submitted. */
export function runnerOf({ id, run }: Pick<Job, 'id' | 'run'>): string {
  return run.shape === 'task' ? 'submit' : `job-${id}`
}
