import * as z from 'zod'
import { failReason } from './run-schemas.ts'
import { nullableText, time } from './values.ts'

const count = z.int().min(0)

/** How many stored values of a job were marked as stale. */
export const invalidatedSchema = z.strictObject({ job: z.string(), invalidated: count })

/** How many stored values were marked as stale. */
export const invalidatedCountSchema = z.strictObject({ invalidated: count })

/** The same of every job. */
export const invalidatedJobsSchema = z.strictObject({ invalidated: z.record(z.string(), count) })

/** `data` of a cache that was cleared. */
export const clearedSchema = z.strictObject({ cleared: count })

/** How much was deleted. */
export const purgedSchema = z.strictObject({
  job: z.string(),
  purged: z.strictObject({
    items: count,
    rejected: count,
    history: count.describe('rows'),
  }),
})

/** `data` of the statistics of what is stored. */
export const cacheStatsSchema = z.strictObject({
  enabled: z.boolean(),
  keys: count,
  items: z.record(z.string(), z.strictObject({ count, bytes: count.nullable() })),
  hit_ratio: z.number().nullable(),
  hit_ratio_scope: z.literal('all datasets'),
  hit_ratio_reason: nullableText.describe('why the ratio is null'),
  refresh_success_ratio: z.number().nullable(),
  refresh_success_reason: nullableText.describe('why the ratio is null'),
  window_minutes: z.number(),
})

/** The latest rejected body of each key. */
export const rejectedSchema = z.strictObject({
  job: z.string(),
  count: z.int(),
  rejected: z.array(
    z.strictObject({
      key: z.string(),
      at: time,
      run_id: z.string(),
      reason: failReason,
      message: z.string(),
      body: z.string().describe('redacted and truncated'),
    }),
  ),
})
