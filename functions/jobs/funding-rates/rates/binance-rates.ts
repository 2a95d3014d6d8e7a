import * as z from 'zod/mini'
import { INTERVALS_PATH, readIntervals } from '#shared/systems/funding/binance-intervals.ts'
import { amount, orNullIfZero, price, rowList, signedRate, symbol } from '#shared/upstreams/fields.ts'
import { readRows } from '#shared/upstreams/rows.ts'
import { parseQuotes } from './rate-quotes.ts'
import { MAX_RATE, NO_TRADE_PRICES, quoteTime, type RateSource, settlement } from './rate-source.ts'
import { volumesOf } from './volumes.ts'

const binanceRow = (now: number) =>
  z.object({
    symbol: symbol(),
    lastFundingRate: signedRate('text', MAX_RATE),
    nextFundingTime: settlement(now, 'number'),
    markPrice: price('text'),
    indexPrice: orNullIfZero(price('text')),
    time: quoteTime(now, 'number'),
  })

const binanceVolume = (now: number) =>
  z.object({ symbol: symbol(), quoteVolume: amount('text'), closeTime: quoteTime(now, 'number') })

/**
 * Two calls for the whole market, and one for the intervals, which weighs nothing. `lastFundingRate` is the rate of the
 * period that ends at `nextFundingTime`.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Mark-Price
 */
export const binanceRates: RateSource = {
  calls: [
    { path: '/fapi/v1/premiumIndex' },
    { path: '/fapi/v1/ticker/24hr' },
    { path: INTERVALS_PATH, optional: true },
  ],

  parse: ([premium, ticker, conditions], context) => {
    const intervals = readIntervals(conditions ?? null, context.requested)
    const { rows, lost } = readRows(rowList().parse(premium), binanceRow(context.now), (row) => row.symbol)
    const tickers = readRows(rowList().parse(ticker), binanceVolume(context.now), (row) => row.symbol)
    const volumes = volumesOf(tickers, context.requested, context.storedVolumes)
    const quotes = rows.map(({ symbol: nativeSymbol, lastFundingRate: rate, time: at, ...row }) => ({
      ...row,
      nativeSymbol,
      rate,
      at,
      intervalHours: intervals.of(nativeSymbol).hours,
      ...NO_TRADE_PRICES,
      volume: null,
      note: null,
    }))
    return parseQuotes(
      { rows: quotes, lost, volumes, hasIndexPrices: true, distrusted: intervals.distrusted },
      context,
    )
  },
}
