import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { type Coin, coins } from './model/coins.ts'
import { jsonResponse, type SimulatedProvider } from './model/provider.ts'
import { driftFunction } from './model/seeded-values.ts'

const STEP_MS = 2_000
const BAR_MS = 15 * MINUTE_MS
const DEFAULT_BARS = 500
const MAX_BARS = 1_000
const COIN_COUNT = 110

/** A pair of the exchange, traded or not. */
interface Pair {
  readonly symbol: string
  readonly coin: Coin
  readonly quote: string
  readonly status: 'TRADING' | 'BREAK'
}

/** Bases that a list of crypto currencies has to leave out: stable coins, fiat, and leveraged tokens. */
const NON_CRYPTO_BASES: readonly (readonly [base: string, price: number, volume: number])[] = [
  ['USDC', 1, 2e9],
  ['FDUSD', 0.999, 9e8],
  ['EUR', 1.15, 4e8],
  ['BTCUP', 12, 3e8],
  ['BTCDOWN', 0.004, 3e8],
]

/**
 * Binance's spot market: about a hundred pairs against USDT, including a few that are no crypto pairs or are not traded,
 * some pairs against BTC, and the 15-minute bars of all of them. Prices change every two seconds.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints
 */
export const binanceSpot: SimulatedProvider = (seed, now, path, query) => {
  const step = Math.floor(now / STEP_MS) * STEP_MS
  switch (path) {
    case '/api/v3/exchangeInfo':
      return jsonResponse(200, exchangeInfo(seed, step))
    case '/api/v3/ticker/24hr':
      return jsonResponse(
        200,
        pairs(seed).map((pair) => ticker(seed, step, pair)),
      )
    case '/api/v3/klines':
      return klines(seed, step, query)
    default:
      return jsonResponse(404, { code: -5000, msg: `Path ${path}, Method GET is invalid` })
  }
}

function pairs(seed: number): readonly Pair[] {
  const all = coins(seed, COIN_COUNT)
  const others = NON_CRYPTO_BASES.map(
    ([base, price, volume]): Coin => ({ base, price, volume, hasHighFunding: false }),
  )
  const bitcoin = all[0]?.price ?? 1
  return [
    ...[...all, ...others].map((coin, index): Pair => {
      const status = index === COIN_COUNT - 1 ? 'BREAK' : 'TRADING'
      return { symbol: `${coin.base}USDT`, coin, quote: 'USDT', status }
    }),
    ...all.slice(1, 4).map((coin): Pair => {
      const inBitcoin = { ...coin, price: coin.price / bitcoin, volume: coin.volume / bitcoin / 50 }
      return { symbol: `${coin.base}BTC`, coin: inBitcoin, quote: 'BTC', status: 'TRADING' }
    }),
  ]
}

function exchangeInfo(seed: number, at: number) {
  return {
    timezone: 'UTC',
    serverTime: at,
    rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 }],
    exchangeFilters: [],
    symbols: pairs(seed).map(({ symbol, coin, quote, status }) => ({
      symbol,
      status,
      baseAsset: coin.base,
      baseAssetPrecision: 8,
      quoteAsset: quote,
      quotePrecision: 8,
      orderTypes: ['LIMIT', 'MARKET'],
      isSpotTradingAllowed: true,
      permissions: [],
      permissionSets: [['SPOT']],
    })),
  }
}

function ticker(seed: number, at: number, pair: Pair) {
  const { price, volume } = marketOf(seed, pair)
  const hours = at / HOUR_MS
  const last = price(hours)
  const open = price(hours - 24)
  const quoteVolume = volume(hours) * 24
  return {
    symbol: pair.symbol,
    priceChange: (last - open).toFixed(8),
    priceChangePercent: ((last / open - 1) * 100).toFixed(3),
    weightedAvgPrice: ((last + open) / 2).toFixed(8),
    lastPrice: last.toFixed(8),
    openPrice: open.toFixed(8),
    highPrice: (Math.max(last, open) * 1.01).toFixed(8),
    lowPrice: (Math.min(last, open) * 0.99).toFixed(8),
    volume: (quoteVolume / last).toFixed(8),
    quoteVolume: quoteVolume.toFixed(8),
    openTime: at - DAY_MS,
    closeTime: at,
    count: 100_000,
  }
}

function klines(seed: number, at: number, query: URLSearchParams) {
  const pair = pairs(seed).find(({ symbol }) => symbol === query.get('symbol'))
  const limit = Number(query.get('limit') ?? DEFAULT_BARS)
  if (!pair) return jsonResponse(400, { code: -1121, msg: 'Invalid symbol.' })
  if (query.get('interval') !== '15m') return jsonResponse(400, { code: -1120, msg: 'Invalid interval.' })
  if (!(limit >= 1))
    return jsonResponse(400, { code: -1100, msg: "Illegal characters found in parameter 'limit'." })
  return jsonResponse(200, bars(seed, at, pair, Math.min(limit, MAX_BARS)))
}

/** The newest bars, oldest first; the last one is incomplete. */
function bars(seed: number, at: number, pair: Pair, count: number) {
  const { price, volume } = marketOf(seed, pair)
  const lastOpenTime = Math.floor(at / BAR_MS) * BAR_MS
  return Array.from({ length: count }, (_, index) => {
    const openTime = lastOpenTime - (count - 1 - index) * BAR_MS
    const until = Math.min(at, openTime + BAR_MS)
    const open = price(openTime / HOUR_MS)
    const close = price(until / HOUR_MS)
    const quoteVolume = volume(openTime / HOUR_MS) * ((until - openTime) / HOUR_MS)
    const wick = 0.0004 * (1 + Math.abs(Math.sin(openTime / BAR_MS)))
    const [traded, quoted] = [(quoteVolume / close).toFixed(8), quoteVolume.toFixed(8)]
    return [
      openTime,
      open.toFixed(8),
      (Math.max(open, close) * (1 + wick)).toFixed(8),
      (Math.min(open, close) * (1 - wick)).toFixed(8),
      close.toFixed(8),
      traded,
      openTime + BAR_MS - 1,
      quoted,
      1_000 + (index % 100),
      traded,
      quoted,
      '0',
    ]
  })
}

/** The price of a pair and its volume of an hour, in its quote asset. */
function marketOf(seed: number, { coin, symbol }: Pair) {
  const price = driftFunction(seed, `${symbol} price`, 0.12)
  const wave = driftFunction(seed, `${symbol} wave`, 0.012)
  const volume = driftFunction(seed, `${symbol} volume`, 0.5)
  return {
    price: (hours: number) => coin.price * price(hours) * wave(hours * 5),
    volume: (hours: number) => (coin.volume / 24) * volume(hours * 3),
  }
}
