import * as z from 'zod/mini'
import { anyMember, decimalText, epochNumber, epochText } from '#shared/upstreams/fields.ts'
import { readRates } from './rate-reading.ts'
import type { RateSource } from './rate-source.ts'

const tickers = z.object({
  time: anyMember(),
  result: z.object({
    list: z
      .array(
        z.object({
          symbol: z.string(),
          fundingRate: anyMember(),
          nextFundingTime: anyMember(),
          fundingIntervalHour: anyMember(),
          markPrice: anyMember(),
          indexPrice: anyMember(),
          turnover24h: anyMember(),
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
    const { time, result } = tickers.parse(body)
    const at = epochNumber(time)
    const rows = result.list.map(({ symbol, markPrice, indexPrice, ...one }) => ({
      nativeSymbol: symbol,
      rate: one.fundingRate,
      nextFundingTime: epochText(one.nextFundingTime),
      intervalHours: hoursOf(one.fundingIntervalHour),
      markPrice,
      indexPrice,
      volume: one.turnover24h,
      at,
    }))
    return readRates(rows, asked, now)
  },
}

/** `null` in older bodies, which do not tell. */
function hoursOf(value: unknown): number | null {
  const hours = decimalText(value)
  return hours === null ? null : Number(hours)
}
