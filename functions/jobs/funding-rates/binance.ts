import * as z from 'zod/mini'
import { epochNumber, optionalUnknown } from '#shared/upstreams/fields.ts'
import { parseQuotes } from './rate-reading.ts'
import type { RateSource } from './rate-source.ts'

const binancePremiums = z
  .array(
    z.object({
      symbol: z.string(),
      lastFundingRate: optionalUnknown(),
      nextFundingTime: optionalUnknown(),
      markPrice: optionalUnknown(),
      indexPrice: optionalUnknown(),
      time: optionalUnknown(),
    }),
  )
  .check(z.minLength(1))

const binanceTickers = z
  .array(z.object({ symbol: z.string(), quoteVolume: optionalUnknown() }))
  .check(z.minLength(1))

/**
 * Two calls for the whole market, whatever is wanted of it. `lastFundingRate` is the rate of the period that ends at
 * `nextFundingTime`.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Mark-Price
 */
export const binance: RateSource = {
  calls: [{ path: '/fapi/v1/premiumIndex' }, { path: '/fapi/v1/ticker/24hr' }],

  parse: ([premium, ticker], asked, now) => {
    const volumes = new Map(binanceTickers.parse(ticker).map((one) => [one.symbol, one.quoteVolume]))
    const rows = binancePremiums.parse(premium).map(({ symbol, markPrice, indexPrice, ...one }) => ({
      nativeSymbol: symbol,
      rate: one.lastFundingRate,
      nextFundingTime: epochNumber(one.nextFundingTime),
      markPrice,
      indexPrice,
      volume: volumes.get(symbol),
      at: epochNumber(one.time),
    }))
    return parseQuotes(rows, asked, now)
  },
}
