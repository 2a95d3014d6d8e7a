import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { type Cadence, cadenceOf } from './cadence.ts'

/** What one asynchronous edge states about itself: what does not arrive in time goes to a failure queue. */
export interface DeliveryPolicy {
  readonly retries: number
  readonly maxAgeMs: number
}

/** From the scheduler to the function: given up when the next tick is due. */
export function tickDeliveryPolicy({ shortestMs }: Cadence): DeliveryPolicy {
  return { retries: 2, maxAgeMs: clamp(shortestMs, MINUTE_MS, 24 * HOUR_MS) }
}

/** From the bus to the function. A cold read waits eight seconds, a stale one is asked for again. */
export const requestDeliveryPolicy: DeliveryPolicy = { retries: 2, maxAgeMs: 5 * MINUTE_MS }

/**
 * From the bus to the function, for an input that was refreshed. Whoever is late by more finds the next tick, or the
 * watchdog's next look, before it.
 */
export const inputDeliveryPolicy: DeliveryPolicy = { retries: 2, maxAgeMs: 5 * MINUTE_MS }

/**
 * Inside Lambda, for an invocation that recorded no outcome: up to an hour the next tick is the retry. Of a job that
 * runs on demand whoever asks next is.
 */
export function asyncInvokePolicy({ schedule }: Pick<Job, 'schedule'>): DeliveryPolicy {
  const clock = clockOf(schedule)
  if (!clock) return { retries: 0, maxAgeMs: requestDeliveryPolicy.maxAgeMs }
  const { shortestMs } = cadenceOf(clock)
  return { retries: shortestMs <= HOUR_MS ? 0 : 1, maxAgeMs: clamp(shortestMs, MINUTE_MS, 6 * HOUR_MS) }
}

/** Inside Lambda, for a submission that was not recorded: it can be said again, and a late tick is left out. */
export const submissionPolicy: DeliveryPolicy = { retries: 2, maxAgeMs: HOUR_MS }

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
