import { type Coin, coins } from './model/coins.ts'
import { fundingInterval, futuresQuote, nextFunding } from './model/futures-market.ts'
import { jsonResponse, type SimulatedProvider, type SimulatedResponse } from './model/provider.ts'

const STEP_MS = 3_000
const COIN_COUNT = 540
const DEFAULT_PAGE_SIZE = 500
const MAX_PAGE_SIZE = 1_000

/** A contract of the linear category. */
interface Contract {
  readonly symbol: string
  readonly coin: Coin
  readonly quote: 'USDT' | 'USDC'
  readonly contractType: 'LinearPerpetual' | 'LinearFutures'
  readonly status: 'Trading' | 'PreLaunch'
}

/**
 * Bybit's linear contracts: more than five hundred, including some that are quoted in USDC or have a delivery date.
 * Prices change every three seconds.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/tickers
 * @see https://bybit-exchange.github.io/docs/v5/market/instrument
 */
export const bybit: SimulatedProvider = (seed, now, path, query) => {
  const step = Math.floor(now / STEP_MS) * STEP_MS
  if (path !== '/v5/market/tickers' && path !== '/v5/market/instruments-info') return jsonResponse(404, {})
  if (query.get('category') !== 'linear') return bybitResponse(10_001, 'params error: category', {}, step)
  const all = listContracts(seed)
  if (path === '/v5/market/tickers') {
    return bybitResponse(
      0,
      'OK',
      { category: 'linear', list: all.map((contract) => ticker(seed, step, contract)) },
      step,
    )
  }
  return instrumentsPage(seed, step, all, query)
}

function bybitResponse(retCode: number, retMsg: string, result: object, time: number): SimulatedResponse {
  return jsonResponse(200, { retCode, retMsg, result, retExtInfo: {}, time })
}

function listContracts(seed: number): readonly Contract[] {
  const all = coins(seed, COIN_COUNT)
  const perpetuals = all.map((coin, index): Contract => {
    const status = index === COIN_COUNT - 1 ? 'PreLaunch' : 'Trading'
    return { symbol: `${coin.base}USDT`, coin, quote: 'USDT', contractType: 'LinearPerpetual', status }
  })
  const others = all.slice(0, 2).flatMap((coin): Contract[] => [
    {
      symbol: `${coin.base}PERP`,
      coin,
      quote: 'USDC',
      contractType: 'LinearPerpetual',
      status: 'Trading',
    },
    {
      symbol: `${coin.base}-25DEC26`,
      coin,
      quote: 'USDC',
      contractType: 'LinearFutures',
      status: 'Trading',
    },
  ])
  return [...perpetuals, ...others].toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

/** The cursor of a page holds the last symbol of the page before. */
function instrumentsPage(seed: number, at: number, all: readonly Contract[], query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE_SIZE)
  if (!(limit >= 1 && limit <= MAX_PAGE_SIZE)) return bybitResponse(10_001, 'params error: limit', {}, at)
  const [, after = ''] = /last=(.*)$/.exec(decodeURIComponent(query.get('cursor') ?? '')) ?? []
  const remaining = all.filter(({ symbol }) => symbol > after)
  const page = remaining.slice(0, limit)
  const cursor = `first=${page[0]?.symbol}&last=${page.at(-1)?.symbol}`
  const nextPageCursor = remaining.length > limit ? encodeURIComponent(cursor) : ''
  const list = page.map((contract) => instrument(seed, contract))
  return bybitResponse(0, 'OK', { category: 'linear', list, nextPageCursor }, at)
}

function instrument(seed: number, { symbol, coin, quote, contractType, status }: Contract) {
  const isDated = contractType === 'LinearFutures'
  return {
    symbol,
    contractType,
    status,
    baseCoin: coin.base,
    quoteCoin: quote,
    launchTime: '1584230400000',
    deliveryTime: isDated ? '1798185600000' : '0',
    deliveryFeeRate: '',
    priceScale: '6',
    leverageFilter: { minLeverage: '1', maxLeverage: '50.00', leverageStep: '0.01' },
    unifiedMarginTrade: true,
    fundingInterval: isDated ? 0 : 60 * fundingInterval(seed, 'bybit', coin),
    settleCoin: quote,
    copyTrading: 'none',
    upperFundingRate: isDated ? '' : '0.02',
    lowerFundingRate: isDated ? '' : '-0.02',
  }
}

function ticker(seed: number, at: number, { symbol, coin, contractType }: Contract) {
  const quote = futuresQuote(seed, 'bybit', coin, at)
  const isDated = contractType === 'LinearFutures'
  const hours = fundingInterval(seed, 'bybit', coin)
  return {
    symbol,
    lastPrice: quote.lastPrice,
    indexPrice: quote.indexPrice,
    markPrice: quote.markPrice,
    prevPrice24h: quote.openPrice,
    price24hPcnt: (Number(quote.lastPrice) / Number(quote.openPrice) - 1).toFixed(6),
    highPrice24h: quote.lastPrice,
    lowPrice24h: quote.openPrice,
    openInterest: quote.baseVolume,
    openInterestValue: quote.quoteVolume,
    turnover24h: quote.quoteVolume,
    volume24h: quote.baseVolume,
    fundingRate: isDated ? '' : quote.rate,
    nextFundingTime: isDated ? '' : String(nextFunding(at, hours)),
    fundingIntervalHour: isDated ? '' : String(hours),
    fundingCap: isDated ? '' : '0.02',
    predictedDeliveryPrice: '',
    basisRate: '',
    deliveryFeeRate: '',
    deliveryTime: isDated ? '1798185600000' : '0',
    bid1Price: quote.lastPrice,
    bid1Size: '1',
    ask1Price: quote.lastPrice,
    ask1Size: '1',
    basis: '',
  }
}
