import * as z from 'zod/mini'
import {
  amount,
  intervalHours,
  orNull,
  orNullIfZero,
  price,
  rowList,
  signedRate,
  symbol,
} from '#shared/upstreams/fields.ts'
import { readRows } from '#shared/upstreams/rows.ts'
import { parseQuotes } from './rate-quotes.ts'
import { MAX_RATE, quoteTime, type RateSource, settlement } from './rate-source.ts'

const bybitTickers = (now: number) =>
  z.object({ time: quoteTime(now, 'number'), result: z.object({ list: rowList() }) })

const bybitRow = (now: number) =>
  z.object({
    symbol: symbol(),
    fundingRate: signedRate('text', MAX_RATE),
    nextFundingTime: settlement(now, 'text'),
    fundingIntervalHour: orNull(intervalHours('text', 'hours')),
    markPrice: price('text'),
    indexPrice: orNullIfZero(price('text')),
    lastPrice: orNullIfZero(price('text')),
    bid1Price: orNullIfZero(price('text')),
    ask1Price: orNullIfZero(price('text')),
    turnover24h: orNull(amount('text')),
  })

/**
 * One call for the whole market. Only the envelope has a time. Older bodies have no interval.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/tickers
 */
export const bybitRates: RateSource = {
  calls: [{ path: '/v5/market/tickers', query: { category: 'linear' } }],

  parse: ([body], context) => {
    const { time: at, result } = bybitTickers(context.now).parse(body)
    const { rows, lost } = readRows(result.list, bybitRow(context.now), (row) => row.symbol)
    const quotes = rows.map((row) => ({
      nativeSymbol: row.symbol,
      rate: row.fundingRate,
      nextFundingTime: row.nextFundingTime,
      intervalHours: row.fundingIntervalHour,
      markPrice: row.markPrice,
      indexPrice: row.indexPrice,
      last: row.lastPrice,
      bid: row.bid1Price,
      ask: row.ask1Price,
      volume: row.turnover24h,
      at,
      note: null,
    }))
    return parseQuotes({ rows: quotes, lost, hasIndexPrices: true, distrusted: [] }, context)
  },
}
