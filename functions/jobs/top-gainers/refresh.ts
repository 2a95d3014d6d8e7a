import { cryptoPairs, type Pair } from '#shared/analysis/universe.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Call, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault, firstRejection, inRange } from '#shared/engine/validate/verdicts.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import { parseTickers, type Ticker } from './tickers.ts'

/** The pairs with a valid ticker, the largest price increase first. */
interface Gainers {
  /** The end of the newest 24 hours; milliseconds since the epoch. */
  readonly at: number
  readonly tickers: readonly (Ticker & { readonly baseAsset: string })[]
  readonly lost: readonly LostRow[]
  readonly untraded: number
  /** Number of pairs that the list has to cover. */
  readonly listed: number
}

/** A pair of the stored universe; older records have no `status`. */
type StoredPair = {
  readonly symbol: string
  readonly base_asset: string
  readonly quote_asset: string
  readonly status?: string
  readonly pegged?: boolean
}

const KEY = 'spot'
const UNIVERSE = 'symbol-universe'

/** Largest limit of a request. */
const MAX_GAINERS = 100

/** A response with prices for less than half of the tradable pairs is rejected. */
const TICKERS: ListExpectation = { name: 'tickers', mayBeEmpty: false, maxShrink: 1, minCoverage: 0.5 }

/** The newest 24 hours of a live list ended seconds ago. */
const MAX_AGE_MS = 30 * MINUTE_MS
const MAX_AHEAD_MS = 5 * MINUTE_MS

const ONE_CALL = { retried: 1, once: 0 }

const TICKERS_CALL: Call = { path: '/api/v3/ticker/24hr' }

/** @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
export const refresh: Refresh<Gainers> = {
  renderVersion: 3,

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
    const { rows, lost, untraded, newestAt } = parseTickers(body, new Set(bases.keys()), context.now)
    const tickers = rows.map((ticker) => ({ ...ticker, baseAsset: bases.get(ticker.symbol) ?? '' }))
    return { at: newestAt, tickers: tickers.sort(byPriceChange), lost, untraded, listed: bases.size }
  },

  accept: ({ at, tickers, untraded, listed }, { now }) =>
    firstRejection(
      expectNoFault(
        listFault(TICKERS, { rows: tickers.length, covered: tickers.length + untraded, toCover: listed }),
      ),
      inRange('an end of 24 hours', at, { min: now - MAX_AGE_MS, max: now + MAX_AHEAD_MS }),
    ),

  review: ({ lost }) => ({ lost, distrusted: [] }),

  item: ({ at, tickers, lost }) => ({
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
    degraded: lost.length > 0,
  }),

  maxCalls: () => ({ 'binance-spot': ONE_CALL, 'binance-spot-api': ONE_CALL }),

  logMessages: {
    success: ({ tickers, untraded }) => {
      const [first] = tickers
      const top = first ? `, ${first.symbol} rose most (${first.priceChangePercent} %)` : ''
      return `Top gainers refreshed: ${tickers.length} pairs, ${untraded} not traded${top}`
    },
  },
}

/** The pairs of crypto currencies in the stored universe. */
function listedPairs({ inputs }: Pick<PlanContext, 'inputs'>): readonly Pair[] {
  const entries = inputs.get(UNIVERSE)?.entries.values() ?? []
  const pairs = [...entries].map(({ data }): Pair => {
    const { symbol, base_asset, quote_asset, status = 'TRADING', pegged = false } = data as StoredPair
    return { symbol, baseAsset: base_asset, quoteAsset: quote_asset, status, isPegged: pegged }
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
