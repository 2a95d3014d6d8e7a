import * as z from 'zod'
import { recordMeta } from '#functions/runtime/record-schemas.ts'

const count = z.int().min(0)
const dataset = z
  .string()
  .describe('the documented name of the dataset, else the id of its job with underscores')

const report = z
  .strictObject({
    is_complete: z.boolean().describe('false when the time was over: the next run continues'),
    total_deleted: count,
    deleted: z.record(z.string(), count).describe('history rows that were deleted, by dataset'),
    datasets: z.array(
      z.strictObject({
        dataset,
        job: z.string(),
        deleted: count.nullable().describe('null where no history is kept'),
        items: count.nullable().describe('keys of stored items; null for data that are stored as one set'),
        history_rows: count.nullable().describe('null when there was no time to count them'),
      }),
    ),
    growth: z
      .array(
        z.strictObject({
          dataset,
          entries: count,
          entries_before: count,
          days_before: z.int().min(6).max(8),
          growth_percent: z.int().min(50),
        }),
      )
      .describe('datasets with more than 50 % more entries than about seven days before'),
  })
  .meta({ id: 'RetentionReport' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/admin/retention': z.strictObject({ data: report, meta: recordMeta }),
}
