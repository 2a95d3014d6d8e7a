import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { type Cadence, cadenceOf } from './cadence.ts'

/** Limits of one asynchronous delivery: an event beyond them goes to a failure queue. */
export interface DeliveryPolicy {
  readonly retries: number
  readonly maxAgeMs: number
}

/** How long a failure queue keeps an event: the maximum of SQS. Then it is lost. */
export const FAILURE_RETENTION_MS = 14 * DAY_MS

/** From the scheduler to the function: until the next tick is due. */
export function tickDeliveryPolicy({ shortestMs }: Cadence): DeliveryPolicy {
  return { retries: 2, maxAgeMs: clamp(shortestMs, MINUTE_MS, 24 * HOUR_MS) }
}

/** From the bus to the function, for a requested refresh. A cold read waits 8 s only, a stale read requests it again. */
export const requestDeliveryPolicy: DeliveryPolicy = { retries: 2, maxAgeMs: 5 * MINUTE_MS }

/**
 * From the bus to the function, for a refreshed input. After that time the next tick or the watchdog's next check
 * comes first.
 */
export const inputDeliveryPolicy: DeliveryPolicy = { retries: 2, maxAgeMs: 5 * MINUTE_MS }

/**
 * Inside Lambda, for an invocation that recorded no outcome. At intervals up to an hour the next tick is the retry; for
 * a job that runs on demand the next request is.
 */
export function asyncInvokePolicy({ schedule }: Pick<Job, 'schedule'>): DeliveryPolicy {
  const clock = clockOf(schedule)
  if (!clock) return { retries: 0, maxAgeMs: requestDeliveryPolicy.maxAgeMs }
  const { shortestMs } = cadenceOf(clock)
  return { retries: shortestMs <= HOUR_MS ? 0 : 1, maxAgeMs: clamp(shortestMs, MINUTE_MS, 6 * HOUR_MS) }
}

/** Inside Lambda, for a submission that was not recorded: submissions are idempotent, and a late tick is skipped. */
export const submissionPolicy: DeliveryPolicy = { retries: 2, maxAgeMs: HOUR_MS }

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}
