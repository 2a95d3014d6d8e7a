import * as z from 'zod'
import { FAILURE_QUEUES } from '#shared/domain/ports/failure-queues.ts'
import { nullableText, nullableTime, time } from './values.ts'

const queue = z.enum(FAILURE_QUEUES)

const queues = z
  .array(z.strictObject({ name: queue, depth: z.int().describe('about how many messages it has') }))
  .describe('undelivered: events that reached no function; failed-runs: invocations without an outcome')

/** The messages of the failure queues. */
export const failedEventsSchema = z.strictObject({
  queues,
  messages: z.array(
    z
      .strictObject({
        id: z.string(),
        queue,
        failed_at: time,
        kind: z
          .enum(['tick', 'refresh.requested', 'dataset.refreshed'])
          .nullable()
          .describe('null: an event of no job'),
        job: nullableText.describe('of dataset.refreshed the input'),
        tick: nullableTime,
        key: nullableText,
        run_id: nullableText.describe('the run that an operator was promised, or that of the input'),
        error: nullableText,
        can_redrive: z.boolean(),
      })
      .meta({ id: 'FailedEvent' }),
  ),
})

/** What a redrive has done. */
export const redriveSchema = z.strictObject({
  redriven: z.int().describe('events that are requested again, and whose messages are deleted'),
  left: z.int().describe('messages that stay: of no job, or of another one'),
  queues,
})
