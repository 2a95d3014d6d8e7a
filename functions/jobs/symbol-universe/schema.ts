import * as z from 'zod'
import { enveloped } from '#functions/runtime/envelope-schemas.ts'
import { count, text } from '#functions/runtime/field-schemas.ts'

const pair = z
  .strictObject({
    symbol: text('the trading pair'),
    base_asset: text('the asset that is traded'),
    quote_asset: text('the asset in which its price is quoted'),
    status: text('the status at the exchange, such as TRADING'),
    quote_volume: z.number().describe('value of the trades of 24 hours, in the quote asset').nullable(),
    rank: z.int().describe('1 is the most traded'),
  })
  .meta({ id: 'AnalysedPair' })

const data = z
  .strictObject({
    symbols: z.array(pair).describe('the analysed pairs, the most traded first'),
    unknown: z.array(z.string()).describe('symbols that an operator includes and the exchange does not list'),
    valid_symbols: count('number of symbols that can be requested'),
  })
  .describe('the pairs that are analysed')

/** Response bodies of the job's routes, by path. */
export const schemas = { '/api/gainer-analysis/symbols': enveloped('code', data) }
