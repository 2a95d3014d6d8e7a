import * as z from 'zod/mini'
import { decimalText, epochNumber, epochText, optionalUnknown } from '#shared/upstreams/fields.ts'
import { parseQuotes } from './rate-reading.ts'
import type { RateSource } from './rate-source.ts'

const bybitTickers = z.object({
  time: optionalUnknown(),
  result: z.object({
    list: z
      .array(
        z.object({
          symbol: z.string(),
          fundingRate: optionalUnknown(),
          nextFundingTime: optionalUnknown(),
          fundingIntervalHour: optionalUnknown(),
          markPrice: optionalUnknown(),
          indexPrice: optionalUnknown(),
          turnover24h: optionalUnknown(),
        }),
      )
      .check(z.minLength(1)),
  }),
})

/**
 * One call for the whole market, whatever is wanted of it. The envelope has the only time.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/tickers
 */
export const bybit: RateSource = {
  calls: [{ path: '/v5/market/tickers', query: { category: 'linear' } }],

  parse: ([body], asked, now) => {
    const { time, result } = bybitTickers.parse(body)
    const at = epochNumber(time)
    const rows = result.list.map(({ symbol, markPrice, indexPrice, ...one }) => ({
      nativeSymbol: symbol,
      rate: one.fundingRate,
      nextFundingTime: epochText(one.nextFundingTime),
      intervalHours: parseHours(one.fundingIntervalHour),
      markPrice,
      indexPrice,
      volume: one.turnover24h,
      at,
    }))
    return parseQuotes(rows, asked, now)
  },
}

/** `null` in older bodies, which do not tell. */
function parseHours(value: unknown): number | null {
  const hours = decimalText(value)
  return hours === null ? null : Number(hours)
}
