import { SECOND_MS } from '#shared/domain/duration.ts'
import { instantOf, localDate, offsetAt } from '#shared/domain/time.ts'
import { yahooSymbol } from '#shared/upstreams/stocks/yahoo-symbol.ts'
import { jsonResponse, type SimulatedProvider } from './model/provider.ts'
import { hashFraction } from './model/seeded-values.ts'
import {
  type Exchange,
  type Session,
  type Stock,
  sessions,
  splitScale,
  stockPrices,
  stocks,
} from './model/stock-market.ts'

const STEP_MS = 60 * SECOND_MS

/** Number of sessions of a range. Longer ranges are of months, whatever the interval of the request. */
const RANGE_SESSIONS: Readonly<Record<string, number>> = {
  '1d': 1,
  '5d': 5,
  '1mo': 21,
  '3mo': 63,
  '6mo': 126,
  '1y': 252,
  '2y': 504,
}

/** Rows without prices, of sessions that the provider delivers two sessions later. */
const LATE_SESSIONS = 2
const LATE_SHARE = 0.05

/**
 * Yahoo's charts: daily bars, the last one of the running session, which changes once a minute. Prices are adjusted for
 * splits. A recent session is missing its prices now and then.
 */
export const yahoo: SimulatedProvider = (seed, now, path, query) => {
  const [, name] = /^\/v8\/finance\/chart\/([^/]+)$/.exec(path) ?? []
  if (name === undefined) return chartError(404, 'Not Found', `no simulation of ${path}`)
  const symbol = decodeURIComponent(name).toUpperCase()
  const stock = stocks.find((one) => yahooSymbol(one.symbol) === symbol)
  if (!stock) return chartError(404, 'Not Found', 'No data found, symbol may be delisted')
  const count = RANGE_SESSIONS[query.get('range') ?? '1d']
  if (count === undefined || query.get('interval') !== '1d')
    return chartError(422, 'Unprocessable Entity', 'no simulation of this range and interval')
  const at = Math.floor(now / STEP_MS) * STEP_MS
  return jsonResponse(200, { chart: { result: [chart(seed, at, stock, count)], error: null } })
}

function chartError(status: number, code: string, description: string) {
  return jsonResponse(status, { chart: { result: null, error: { code, description } } })
}

function chart(seed: number, at: number, stock: Stock, count: number) {
  const { symbol, exchange } = stock
  const prices = stockPrices(seed, stock)
  const all = sessions(exchange, at, count)
  const scaleNow = splitScale(stock, localDate(exchange.zone, at))
  const bars = all.map((session, index) => {
    const isLate =
      index >= all.length - LATE_SESSIONS &&
      session.closesAt <= at &&
      hashFraction(`${session.date} late ${symbol} ${seed}`) < LATE_SHARE
    const factor = scaleNow / splitScale(stock, session.date)
    const { open, high, low, close, volume } = prices(session, at)
    const adjusted = (value: number) => (isLate ? null : Number((value * factor).toFixed(4)))
    return {
      open: adjusted(open),
      high: adjusted(high),
      low: adjusted(low),
      close: adjusted(close),
      volume: Math.round(volume / factor),
    }
  })
  return {
    meta: chartMeta(at, stock, bars.at(-1)?.close ?? null),
    timestamp: all.map(({ opensAt }) => opensAt / SECOND_MS),
    indicators: {
      quote: [
        {
          open: bars.map(({ open }) => open),
          high: bars.map(({ high }) => high),
          low: bars.map(({ low }) => low),
          close: bars.map(({ close }) => close),
          volume: bars.map(({ volume }) => volume),
        },
      ],
      adjclose: [{ adjclose: bars.map(({ close }) => close) }],
    },
    ...splitEvents(stock, all),
  }
}

function chartMeta(at: number, { symbol, exchange }: Stock, price: number | null) {
  const { zone, quoteCurrency } = exchange
  return {
    currency: quoteCurrency,
    symbol: yahooSymbol(symbol),
    instrumentType: 'EQUITY',
    regularMarketTime: at / SECOND_MS,
    regularMarketPrice: price,
    gmtoffset: offsetAt(zone, at) / SECOND_MS,
    exchangeTimezoneName: zone,
    currentTradingPeriod: { regular: tradingPeriod(exchange, at) },
    dataGranularity: '1d',
    range: '',
  }
}

/** The session of today; on a day without one, its hours all the same. */
function tradingPeriod({ zone, opensAt, closesAt }: Exchange, at: number) {
  const midnight = Date.parse(localDate(zone, at))
  const seconds = (hours: number) => instantOf(zone, midnight + hours * 3_600_000) / SECOND_MS
  return { start: seconds(opensAt), end: seconds(closesAt), gmtoffset: offsetAt(zone, at) / SECOND_MS }
}

/** The splits between two sessions of the range. */
function splitEvents(stock: Stock, all: readonly Session[]) {
  const splits = all.slice(1).flatMap((session, index) => {
    const ratio = splitScale(stock, all[index]?.date ?? session.date) / splitScale(stock, session.date)
    if (ratio === 1) return []
    const [numerator, denominator] = ratio > 1 ? [ratio, 1] : [1, 1 / ratio]
    const date = session.opensAt / SECOND_MS
    return [[date, { date, numerator, denominator, splitRatio: `${numerator}:${denominator}` }] as const]
  })
  return splits.length === 0 ? {} : { events: { splits: Object.fromEntries(splits) } }
}
