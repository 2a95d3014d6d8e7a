import * as z from 'zod'
import { enveloped } from '#functions/runtime/envelope-schemas.ts'
import { instant, text } from '#functions/runtime/field-schemas.ts'
import { MAX_SUMMARY_LENGTH } from '#shared/analysis/summaries/summary-text.ts'
import { SUMMARY_KINDS } from '#shared/systems/summaries/kinds.ts'

const summary = z
  .strictObject({
    kind: z.enum(SUMMARY_KINDS).describe('which figures it describes'),
    key: text('the symbol of a position; overall for macro'),
    text: z.string().min(1).max(MAX_SUMMARY_LENGTH).describe('plain text; every figure is one of the facts'),
    generated: z.literal(true).describe('written by a language model'),
    model: text('name of the language model'),
    facts_as_of: instant('time of the figures at their source'),
  })
  .meta({ id: 'AiSummary', description: 'a summary of stored figures' })

/** Response bodies of the job's routes, by path. */
export const schemas = { '/api/v1/admin/summaries/{kind}/{key}': enveloped('plain', summary) }
