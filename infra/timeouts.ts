import type { Job } from '#shared/declare/job.ts'

/** A run's deadline ends so long before its function does, so that there is time to publish and record. */
const CLOSING_MS = 10_000

/** How long an invocation of a job's function may take, in milliseconds. */
export function jobTimeoutMs({ run }: Pick<Job, 'run'>): number {
  return run.deadlineMs + CLOSING_MS
}

/** A cold read looks for at most 8 s; the rest is for loading and the table. In milliseconds. */
export const READS_TIMEOUT_MS = 15_000

/** The watchdog comes every minute. In milliseconds. */
export const WATCHDOG_TIMEOUT_MS = 50_000
