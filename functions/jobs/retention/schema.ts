import * as z from 'zod'
import { enveloped } from '#functions/runtime/envelope-schemas.ts'
import { count, flag, text } from '#functions/runtime/field-schemas.ts'

const dataset = text('the documented name of the dataset, else the id of its job with underscores')

const reportedDataset = z.strictObject({
  dataset,
  job: text('the id of its job'),
  deleted: count('number of history rows that were deleted; null where no history is kept').nullable(),
  items: count('number of keys of stored items; null for data that are stored as one set').nullable(),
  history_rows: count('number of history rows; null when there was no time to count them').nullable(),
})

const growth = z.strictObject({
  dataset,
  entries: count('number of items and history rows'),
  entries_before: count('the same number about seven days before'),
  days_before: z.int().min(6).max(8).describe('how long before that was, in days'),
  growth_percent: z.int().min(50).describe('growth in percent: 50 is half as much again'),
})

const report = z
  .strictObject({
    is_complete: flag('false: the time was over, and the next run continues'),
    total_deleted: count('number of history rows that were deleted'),
    deleted: z
      .record(z.string(), z.int().min(0))
      .describe('number of history rows that were deleted, by dataset'),
    datasets: z.array(reportedDataset).describe('each dataset'),
    growth: z
      .array(growth)
      .describe('datasets with more than 50 % more entries than about seven days before'),
  })
  .meta({ id: 'RetentionReport', description: 'what the last run deleted, and what remains' })

/** Response bodies of the job's routes, by path. */
export const schemas = { '/api/v1/admin/retention': enveloped('plain', report) }
