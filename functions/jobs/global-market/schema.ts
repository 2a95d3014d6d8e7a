import * as z from 'zod'

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/)

const data = z
  .strictObject({
    total_market_cap_usd: decimal.describe('USD'),
    total_volume_24h_usd: decimal.describe('USD'),
    btc_dominance_percentage: decimal.describe('percent, 58.21 is 58.21 %'),
    eth_dominance_percentage: decimal.nullable().describe('percent'),
    active_cryptocurrencies: z.int().nullable(),
    markets: z.int().nullable(),
    updated_at: z.int().describe('Unix seconds'),
  })
  .meta({ id: 'GlobalMarket' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/currencies/global-market-stats': z.strictObject({
    success: z.literal(true),
    data,
    error: z.null(),
    timestamp: z.iso.datetime(),
    meta: z.strictObject({ as_of: z.iso.datetime(), fetched_at: z.iso.datetime(), degraded: z.boolean() }),
  }),
}
