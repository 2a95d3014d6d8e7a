import * as z from 'zod'
import { enveloped } from '#functions/runtime/envelope-schemas.ts'
import { text } from '#functions/runtime/field-schemas.ts'

const price = (about: string) => z.number().positive().describe(`${about}, in USDT`)

const gainer = z
  .strictObject({
    rank: z.int().min(1).max(100).describe('1 is the largest increase'),
    symbol: text('the trading pair'),
    base_asset: text('the asset that is traded'),
    last_price: price('price of the last trade'),
    price_change_percent: z.number().describe('change of the price in 24 hours, in percent: 5 is 5 %'),
    open_price: price('price 24 hours before'),
    high_price: price('highest price of 24 hours'),
    low_price: price('lowest price of 24 hours'),
    quote_volume: z.number().positive().describe('value of the trades of 24 hours, in USDT'),
  })
  .meta({ id: 'Gainer' })

const data = z
  .strictObject({
    market: z.literal('spot').describe('the market of the pairs'),
    gainers: z.array(gainer).max(100).describe('the pairs, the largest increase first'),
  })
  .describe('the pairs with the largest increase of 24 hours')

/** Response bodies of the job's routes, by path. */
export const schemas = { '/api/gainer-analysis/top-gainers': enveloped('code', data) }
