import type { Job } from '#shared/declare/job.ts'

/** Lambda's limit of an invocation. */
export const MAX_LAMBDA_TIMEOUT_MS = 900_000

/** Time at the end of an invocation that is reserved for publishing and recording the run. */
export const CLOSE_MARGIN_MS = 10_000

const COLD_START_MARGIN_MS = 5_000

/** Longest step of a task, so that a step that hangs leaves time for the others. */
const MAX_STEP_MS = 300_000

/** Timeout of a job's function in milliseconds: cold start, deadline of the run, recording. For a task it is one step. */
export function jobTimeoutMs({ run }: Pick<Job, 'run'>): number {
  const maxMs = run.mode === 'task' ? MAX_STEP_MS : MAX_LAMBDA_TIMEOUT_MS
  return Math.min(COLD_START_MARGIN_MS + run.deadlineMs + CLOSE_MARGIN_MS, maxMs)
}

/** A cold read waits for at most 8 s; the rest is for the cold start and the table. */
export const READS_TIMEOUT_MS = 15_000

/** Below the gateway's limit of 30 s. A purge of many keys takes longest. */
export const OPERATIONS_TIMEOUT_MS = 29_000

/** A submission waits for the record of another one for 3 s at most; the rest is for table and state machine. */
export const SUBMIT_TIMEOUT_MS = 30_000

/** Below the watchdog's interval of a minute, so that two checks never overlap. */
export const WATCHDOG_TIMEOUT_MS = 50_000
