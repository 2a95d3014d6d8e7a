import * as z from 'zod'
import { enveloped } from '#functions/runtime/envelope-schemas.ts'
import { count, decimal } from '#functions/runtime/field-schemas.ts'

const data = z
  .strictObject({
    total_market_cap_usd: decimal('capitalization of all cryptocurrencies, in USD'),
    total_volume_24h_usd: decimal('value of all trades of 24 hours, in USD'),
    btc_dominance_percentage: decimal('share of bitcoin in the capitalization, in percent: 58.21 is 58.21 %'),
    eth_dominance_percentage: decimal('share of ether in the capitalization, in percent').nullable(),
    active_cryptocurrencies: count('number of cryptocurrencies that are traded').nullable(),
    markets: count('number of markets on which they are traded').nullable(),
    updated_at: z.int().describe('when the provider computed the figures, in Unix seconds'),
  })
  .meta({ id: 'GlobalMarket', description: 'figures of the whole crypto market' })

/** Response bodies of the job's routes, by path. */
export const schemas = { '/api/v1/currencies/global-market-stats': enveloped('success', data) }
