import * as z from 'zod'

/** `meta` of a response with one record. */
export const recordMeta = z.strictObject({
  as_of: z.iso.datetime(),
  fetched_at: z.iso.datetime(),
  degraded: z.boolean(),
})

/** `meta` of a response that may have no record, and then no times. */
export const optionalRecordMeta = recordMeta.extend({
  as_of: z.iso.datetime().nullable(),
  fetched_at: z.iso.datetime().nullable(),
})

/** Member of `meta` of a page of records. */
export const nextCursor = z.string().nullable().describe('cursor of the next page; null on the last one')

/** Response of the view `recordView`: a record, with `days` its history too. */
export function recordResponse<R extends z.ZodObject>(record: R) {
  return z.strictObject({
    data: z.union([record, record.extend({ history: z.array(record).max(200) })]),
    meta: recordMeta,
  })
}

/** Response of the view `recordList`: one page of records. */
export function recordPage<R extends z.ZodObject>(record: R) {
  return z.strictObject({
    data: z.array(record).max(100),
    meta: optionalRecordMeta.extend({ next_cursor: nextCursor }),
  })
}

/** Body of a submission that refreshes records; all of them by default. */
export const refreshRequest = z.strictObject({
  symbols: z
    .array(z.string().regex(/^[A-Z0-9.-]{1,15}$/))
    .min(1)
    .max(1_000)
    .nullable()
    .optional()
    .describe('all by default'),
  force: z.boolean().optional().describe('also what is new enough; false by default'),
})

/** Response to a submission that refreshes records. */
export const refreshResponse = z.strictObject({
  success: z.literal(true),
  message: z.string(),
  run_id: z.string(),
  status_url: z.string(),
})
