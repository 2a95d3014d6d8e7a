import * as z from 'zod'
import { recordMeta } from '#functions/runtime/record-schemas.ts'
import { MAX_SUMMARY_LENGTH } from '#shared/analysis/summaries/summary-text.ts'
import { SUMMARY_KINDS } from '#shared/systems/summaries/kinds.ts'

const summary = z
  .strictObject({
    kind: z.enum(SUMMARY_KINDS),
    key: z.string().describe('the symbol of a position; overall for macro'),
    text: z.string().min(1).max(MAX_SUMMARY_LENGTH).describe('plain text; every figure is one of the facts'),
    generated: z.literal(true).describe('written by a language model'),
    model: z.string(),
    facts_as_of: z.iso.datetime().describe('source time of the figures'),
  })
  .meta({ id: 'AiSummary' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/admin/summaries/{kind}/{key}': z.strictObject({ data: summary, meta: recordMeta }),
}
