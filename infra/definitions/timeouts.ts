import type { Job } from '#shared/declare/job.ts'

/** Lambda's own limit of an invocation, in milliseconds. */
export const MAX_LAMBDA_TIMEOUT_MS = 900_000

/** The job function stops its run so long before the invocation ends, so that there is time to publish and record. */
export const CLOSE_MARGIN_MS = 10_000

const COLD_START_MARGIN_MS = 5_000

/** A step of a task is short; what hangs is not to take the rest of the task with it. */
const MAX_STEP_MS = 300_000

/**
 * How long an invocation of a job's function may take, in milliseconds: its start, the whole run, its record. Of a
 * task it is one step.
 */
export function jobTimeoutMs({ run }: Pick<Job, 'run'>): number {
  const longest = run.mode === 'task' ? MAX_STEP_MS : MAX_LAMBDA_TIMEOUT_MS
  return Math.min(COLD_START_MARGIN_MS + run.deadlineMs + CLOSE_MARGIN_MS, longest)
}

/** A cold read looks for at most 8 s; the rest is for loading and the table. In milliseconds. */
export const READS_TIMEOUT_MS = 15_000

/** Just before the gateway gives up on an answer, after 30 s. A purge of many keys takes longest. In milliseconds. */
export const OPERATIONS_TIMEOUT_MS = 29_000

/** A submission waits for another one's record for 3 s at most; the rest is for the table and the machine. In milliseconds. */
export const SUBMIT_TIMEOUT_MS = 30_000

/** The watchdog comes every minute, and two looks are not to overlap. In milliseconds. */
export const WATCHDOG_TIMEOUT_MS = 50_000
