import { cryptoPairs, type Pair } from '#shared/analysis/universe.ts'
import type { Call, ParseContext, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { firstRejection, inRange, notShrunk } from '#shared/engine/validate/verdicts.ts'
import { parseTickers, type Ticker } from './tickers.ts'

/** The pairs of the market whose change of price is known, the highest riser first. */
interface Gainers {
  /** The end of the newest 24 hours; milliseconds since the epoch. */
  readonly at: number
  readonly tickers: readonly (Ticker & { readonly baseAsset: string })[]
}

/** As the universe stores it; `status` is younger than the other members. */
type StoredPair = {
  readonly symbol: string
  readonly base_asset: string
  readonly quote_asset: string
  readonly status?: string
}

const KEY = 'spot'
const UNIVERSE = 'symbol-universe'

/** No reader may ask for more. */
const MAX_GAINERS = 100

/** Of the pairs that can be traded, so many must have a price: fewer are half an answer. */
const MIN_SHARE = 0.5

const MAX_AHEAD_MS = 300_000

const ONE_CALL = { retried: 1, once: 0 }

const TICKERS_CALL: Call = { path: '/api/v3/ticker/24hr' }

/** @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
export const refresh: Refresh<Gainers> = {
  renderVersion: 2,

  // which pairs are those of crypto currencies only the universe knows
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

  parse: ([answer], context) => {
    const bases = new Map(listedPairs(context).map(({ symbol, baseAsset }) => [symbol, baseAsset]))
    const tickers = parseTickers(answer).flatMap((ticker) => {
      const baseAsset = bases.get(ticker.symbol)
      return baseAsset === undefined ? [] : [{ ...ticker, baseAsset }]
    })
    const once = [...new Map(tickers.map((ticker) => [ticker.symbol, ticker])).values()]
    return { at: Math.max(0, ...once.map(({ closeTime }) => closeTime)), tickers: once.sort(byPriceChange) }
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

/** The pairs that can be among them, as the universe lists them. */
function listedPairs({ inputs }: Pick<PlanContext & ParseContext, 'inputs'>): readonly Pair[] {
  const entries = inputs.get(UNIVERSE)?.entries.values() ?? []
  const pairs = [...entries].map(({ data }): Pair => {
    const { symbol, base_asset, quote_asset, status = 'TRADING' } = data as StoredPair
    return { symbol, baseAsset: base_asset, quoteAsset: quote_asset, status }
  })
  return cryptoPairs(pairs)
}

/** Equal risers in the order of their trade, and then of their names. */
function byPriceChange(a: Ticker, b: Ticker): number {
  return (
    b.priceChangePercent - a.priceChangePercent ||
    b.quoteVolume - a.quoteVolume ||
    (a.symbol < b.symbol ? -1 : 1)
  )
}
