import * as z from 'zod'
import { optionalMeta, responseMeta } from './envelope-schemas.ts'
import { text } from './field-schemas.ts'

/** Member of `meta` of a page of records. */
export const nextCursor = text('cursor of the next page; null on the last one').nullable()

/** Response of the view `recordView`: a record, with `days` its history too. */
export function recordResponse<R extends z.ZodObject>(record: R) {
  const history = z.array(record).max(200).describe('the records of the days before, newest first')
  return z.strictObject({
    data: z.union([record, record.extend({ history })]).describe('the record of one symbol'),
    meta: responseMeta,
  })
}

/** Response of the view `recordList`: one page of records. */
export function recordPage<R extends z.ZodObject>(record: R) {
  return z.strictObject({
    data: z.array(record).max(100).describe('the records of one page, by symbol'),
    meta: optionalMeta.extend({ next_cursor: nextCursor }).describe('times of the page, and the next one'),
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
  success: z.literal(true).describe('a run was requested'),
  message: text('what was requested'),
  run_id: text('the id of the run'),
  status_url: text('path of the run'),
})
