import type { Job } from '#shared/declare/job.ts'

/** The name of the function that the schedule and the bus lead to: that of the job, or where tasks are submitted. */
export function functionNameFor({ id, run }: Pick<Job, 'id' | 'run'>): string {
  return run.mode === 'task' ? 'submit' : `job-${id}`
}
