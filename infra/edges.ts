import type { Job } from '#shared/declare/job.ts'
import type { Cadence } from './cadence.ts'

/** What one asynchronous edge states about itself: what does not arrive in time goes to a failure queue. */
export interface Edge {
  readonly retries: number
  readonly maxAgeMs: number
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** Lambda's own limit of an invocation. */
export const LONGEST_TIMEOUT_MS = 900 * SECOND_MS

/** Kept free of an invocation by the job function, so that an outcome can always be recorded. */
export const RESERVE_MS = 10 * SECOND_MS

const START_MS = 5 * SECOND_MS

/** From the scheduler to the function: given up when the next tick is due. */
export function tickDelivery({ shortestMs }: Cadence): Edge {
  return { retries: 2, maxAgeMs: clamp(shortestMs, MINUTE_MS, 24 * HOUR_MS) }
}

/** From the bus to the function. A cold read waits eight seconds, a stale one is asked for again. */
export const requestDelivery: Edge = { retries: 2, maxAgeMs: 5 * MINUTE_MS }

/** Inside Lambda, for an invocation that recorded no outcome: up to an hour the next tick is the retry. */
export function handling({ shortestMs }: Cadence): Edge {
  return { retries: shortestMs <= HOUR_MS ? 0 : 1, maxAgeMs: clamp(shortestMs, MINUTE_MS, 6 * HOUR_MS) }
}

/** Room for the run, its start and its record. */
export function functionTimeoutMs({ run }: Pick<Job, 'run'>): number {
  return Math.min(run.deadlineMs + RESERVE_MS + START_MS, LONGEST_TIMEOUT_MS)
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
