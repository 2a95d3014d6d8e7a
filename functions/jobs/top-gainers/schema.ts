import * as z from 'zod'

const price = z.number().positive().describe('in USDT')

const gainer = z
  .strictObject({
    rank: z.int().min(1).max(100).describe('1 is the largest increase'),
    symbol: z.string(),
    base_asset: z.string(),
    last_price: price,
    price_change_percent: z.number().describe('last price against the price 24 hours before'),
    open_price: price,
    high_price: price,
    low_price: price,
    quote_volume: z.number().positive().describe('of 24 hours, in USDT'),
  })
  .meta({ id: 'Gainer' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/gainer-analysis/top-gainers': z.strictObject({
    code: z.literal(1),
    msg: z.literal('success'),
    data: z.strictObject({ market: z.literal('spot'), gainers: z.array(gainer).max(100) }),
    meta: z.strictObject({ as_of: z.iso.datetime(), fetched_at: z.iso.datetime(), degraded: z.boolean() }),
  }),
}
