import * as z from 'zod'
import { failReason } from './run-schemas.ts'
import { nullableText, nullableTime, time } from './values.ts'

const quota = z
  .strictObject({
    used: z.int(),
    limit: z.number(),
    resets_at: time,
    forecast: z.int().describe('calls by then, at the present pace'),
    is_exceeding: z.boolean(),
  })
  .nullable()

/** One provider: limits, calls, cool-down, circuit breaker. */
export const upstreamSchema = z
  .strictObject({
    name: z.string(),
    title: z.string(),
    base_urls: z.array(z.string()),
    limits: z.strictObject({
      per_minute: z.number(),
      burst: z.number(),
      concurrency: z.number(),
      per_day: z.number().nullable(),
      per_month: z.number().nullable(),
      scheduled_share: z.number(),
      zone: z.string(),
    }),
    calls: z.strictObject({ day: quota, month: quota }),
    full_minute: z
      .strictObject({ until: time, used: z.number(), limit: z.number().nullable() })
      .nullable()
      .describe('the provider’s own count of its minute is near its limit'),
    cool_down: z.strictObject({ until: time, reason: failReason }).nullable(),
    breaker: z.strictObject({
      state: z.enum(['closed', 'open', 'half-open']),
      failures: z.int(),
      until: nullableTime,
    }),
    connections: z.strictObject({ in_use: z.int(), waiting: z.int() }),
    secret: z
      .strictObject({
        parameter: z.string(),
        refused: z.strictObject({ version: z.string(), until: time }).nullable(),
      })
      .nullable(),
    off: nullableText.describe('why it is off'),
  })
  .meta({ id: 'Upstream' })

/** Every provider. */
export const upstreamListSchema = z.strictObject({ upstreams: z.array(upstreamSchema) })
