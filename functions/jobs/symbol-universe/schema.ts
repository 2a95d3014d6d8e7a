import * as z from 'zod'

const pair = z
  .strictObject({
    symbol: z.string(),
    base_asset: z.string(),
    quote_asset: z.string(),
    status: z.string().describe('the status at the exchange, such as TRADING'),
    quote_volume: z.number().nullable().describe('of 24 hours, in the quote asset'),
    rank: z.int().describe('1 is the most traded'),
  })
  .meta({ id: 'AnalysedPair' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/gainer-analysis/symbols': z.strictObject({
    code: z.literal(1),
    msg: z.literal('success'),
    data: z.strictObject({
      symbols: z.array(pair),
      unknown: z
        .array(z.string())
        .describe('symbols that an operator includes and the exchange does not list'),
      valid_symbols: z.int().describe('number of symbols that can be requested'),
    }),
    meta: z.strictObject({ as_of: z.iso.datetime(), fetched_at: z.iso.datetime(), degraded: z.boolean() }),
  }),
}
