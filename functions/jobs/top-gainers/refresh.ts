import { cryptoPairs, type Pair } from '#shared/analysis/universe.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Call, ParseContext, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { firstRejection, inRange, notShrunk } from '#shared/engine/validate/verdicts.ts'
import { parseTickers, type Ticker } from './tickers.ts'

/** The pairs with a valid ticker, the largest price increase first. */
interface Gainers {
  /** The end of the newest 24 hours; milliseconds since the epoch. */
  readonly at: number
  readonly tickers: readonly (Ticker & { readonly baseAsset: string })[]
}

/** A pair of the stored universe; older records have no `status`. */
type StoredPair = {
  readonly symbol: string
  readonly base_asset: string
  readonly quote_asset: string
  readonly status?: string
}

const KEY = 'spot'
const UNIVERSE = 'symbol-universe'

/** Largest limit of a request. */
const MAX_GAINERS = 100

/** A response with prices for a smaller share of the tradable pairs is rejected. */
const MIN_SHARE = 0.5

const MAX_AHEAD_MS = 5 * MINUTE_MS

const ONE_CALL = { retried: 1, once: 0 }

const TICKERS_CALL: Call = { path: '/api/v3/ticker/24hr' }

/** @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
export const refresh: Refresh<Gainers> = {
  renderVersion: 2,

  // only the universe has the assets of each pair
  plan: ({ inputs }) =>
    inputs.has(UNIVERSE)
      ? [
          {
            key: KEY,
            calls: [TICKERS_CALL],
            fallbacks: [{ upstream: 'binance-spot-api', calls: [TICKERS_CALL] }],
          },
        ]
      : [],

  parse: ([body], context) => {
    const bases = new Map(listedPairs(context).map(({ symbol, baseAsset }) => [symbol, baseAsset]))
    const tickers = parseTickers(body).flatMap((ticker) => {
      const baseAsset = bases.get(ticker.symbol)
      return baseAsset === undefined ? [] : [{ ...ticker, baseAsset }]
    })
    const unique = [...new Map(tickers.map((ticker) => [ticker.symbol, ticker])).values()]
    return {
      at: Math.max(0, ...unique.map(({ closeTime }) => closeTime)),
      tickers: unique.sort(byPriceChange),
    }
  },

  accept: ({ at, tickers }, context) =>
    firstRejection(
      inRange('a number of pairs with a price', tickers.length, { min: 1, max: Number.MAX_SAFE_INTEGER }),
      notShrunk('pairs with a price', MIN_SHARE, tickers, listedPairs(context)),
      inRange('an end of 24 hours', at, { exclusiveMin: 0, max: context.now + MAX_AHEAD_MS }),
    ),

  item: ({ at, tickers }) => ({
    data: {
      market: KEY,
      gainers: tickers.slice(0, MAX_GAINERS).map((ticker, index) => ({
        rank: index + 1,
        symbol: ticker.symbol,
        base_asset: ticker.baseAsset,
        last_price: ticker.lastPrice,
        price_change_percent: ticker.priceChangePercent,
        open_price: ticker.openPrice,
        high_price: ticker.highPrice,
        low_price: ticker.lowPrice,
        quote_volume: ticker.quoteVolume,
      })),
    },
    asOf: at,
    degraded: false,
  }),

  maxCalls: () => ({ 'binance-spot': ONE_CALL, 'binance-spot-api': ONE_CALL }),

  logMessage: ({ tickers }) => {
    const [first] = tickers
    const top = first ? `, ${first.symbol} rose most (${first.priceChangePercent} %)` : ''
    return `Top gainers refreshed: ${tickers.length} pairs${top}`
  },
}

/** The pairs of crypto currencies in the stored universe. */
function listedPairs({ inputs }: Pick<PlanContext & ParseContext, 'inputs'>): readonly Pair[] {
  const entries = inputs.get(UNIVERSE)?.entries.values() ?? []
  const pairs = [...entries].map(({ data }): Pair => {
    const { symbol, base_asset, quote_asset, status = 'TRADING' } = data as StoredPair
    return { symbol, baseAsset: base_asset, quoteAsset: quote_asset, status }
  })
  return cryptoPairs(pairs)
}

/** Descending by price change, then by volume; then by symbol. */
function byPriceChange(a: Ticker, b: Ticker): number {
  return (
    b.priceChangePercent - a.priceChangePercent ||
    b.quoteVolume - a.quoteVolume ||
    (a.symbol < b.symbol ? -1 : 1)
  )
}
