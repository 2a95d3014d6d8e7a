import { DAY_MS } from '#shared/domain/duration.ts'
import { isoText } from '#shared/domain/time.ts'
import { type Coin, coins } from './model/coins.ts'
import { fundingInterval, futuresQuote, nextFunding } from './model/futures-market.ts'
import { jsonResponse, type SimulatedProvider } from './model/provider.ts'

const STEP_MS = 3_000
const COIN_COUNT = 596

/** A contract of the exchange, traded or not. */
interface Contract {
  readonly symbol: string
  readonly coin: Coin
  readonly quote: 'USDT' | 'USDC'
  readonly contractType: 'PERPETUAL' | 'CURRENT_QUARTER'
  readonly status: 'TRADING' | 'SETTLING' | 'PENDING_TRADING'
}

/**
 * Binance's USD-margined futures: about six hundred contracts, including some that are quoted in USDC, have a delivery
 * date, or are not traded. Prices change every three seconds.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data
 */
export const binanceFutures: SimulatedProvider = (seed, now, path) => {
  const step = Math.floor(now / STEP_MS) * STEP_MS
  const bodyOf = PATHS[path]
  if (bodyOf) return jsonResponse(200, bodyOf(seed, step))
  return jsonResponse(404, { code: -5000, msg: `Path ${path}, Method GET is invalid` })
}

const PATHS: Readonly<Record<string, (seed: number, at: number) => unknown>> = {
  '/fapi/v1/exchangeInfo': exchangeInfo,
  '/fapi/v1/fundingInfo': fundingInfo,
  '/fapi/v1/premiumIndex': (seed, at) =>
    listContracts(seed, at).map((contract) => premiumIndex(seed, at, contract)),
  '/fapi/v1/ticker/24hr': (seed, at) => listContracts(seed, at).map((contract) => ticker(seed, at, contract)),
}

function listContracts(seed: number, at: number): readonly Contract[] {
  const all = coins(seed, COIN_COUNT)
  const perpetuals = all.map((coin, index): Contract => {
    const status = index % 120 === 119 ? 'SETTLING' : index === COIN_COUNT - 2 ? 'PENDING_TRADING' : 'TRADING'
    return { symbol: `${coin.base}USDT`, coin, quote: 'USDT', contractType: 'PERPETUAL', status }
  })
  const others = all.slice(0, 2).flatMap((coin): Contract[] => [
    { symbol: `${coin.base}USDC`, coin, quote: 'USDC', contractType: 'PERPETUAL', status: 'TRADING' },
    {
      symbol: `${coin.base}USDT_${deliveryDate(at)}`,
      coin,
      quote: 'USDT',
      contractType: 'CURRENT_QUARTER',
      status: 'TRADING',
    },
  ])
  return [...perpetuals, ...others]
}

/** The last day of the current quarter: `YYMMDD`. */
function deliveryDate(at: number): string {
  const today = new Date(at)
  const end = Date.UTC(today.getUTCFullYear(), 3 * Math.floor(today.getUTCMonth() / 3) + 3, 0)
  return isoText(end).slice(2, 10).replaceAll('-', '')
}

function exchangeInfo(seed: number, at: number) {
  return {
    timezone: 'UTC',
    serverTime: at,
    futuresType: 'U_MARGINED',
    rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 }],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
    symbols: listContracts(seed, at).map(({ symbol, coin, quote, contractType, status }) => ({
      symbol,
      pair: `${coin.base}${quote}`,
      contractType,
      deliveryDate: 4_133_404_800_000,
      onboardDate: 1_569_398_400_000,
      status,
      baseAsset: coin.base,
      quoteAsset: quote,
      marginAsset: quote,
      pricePrecision: 6,
      quantityPrecision: 0,
      underlyingType: 'COIN',
      underlyingSubType: [],
      orderTypes: ['LIMIT', 'MARKET'],
      timeInForce: ['GTC', 'IOC'],
    })),
  }
}

/** Contracts with adjusted conditions only, which includes about half of those with an interval of eight hours. */
function fundingInfo(seed: number, at: number) {
  return listContracts(seed, at)
    .filter(({ contractType }) => contractType === 'PERPETUAL')
    .map(({ symbol, coin }) => ({ symbol, hours: fundingInterval(seed, 'binance', coin) }))
    .filter(({ hours }, index) => hours !== 8 || index % 2 === 1)
    .map(({ symbol, hours }) => ({
      symbol,
      adjustedFundingRateCap: '0.02000000',
      adjustedFundingRateFloor: '-0.02000000',
      fundingIntervalHours: hours,
      disclaimer: false,
    }))
}

function premiumIndex(seed: number, at: number, { symbol, coin, contractType, status }: Contract) {
  const { rate, markPrice, indexPrice } = futuresQuote(seed, 'binance', coin, at)
  const isDated = contractType !== 'PERPETUAL'
  const isTraded = status === 'TRADING' && !isDated
  return {
    symbol,
    markPrice,
    indexPrice,
    estimatedSettlePrice: indexPrice,
    lastFundingRate: isDated ? '' : isTraded ? rate : '0.00000000',
    interestRate: isDated ? '' : '0.00010000',
    nextFundingTime: isTraded ? nextFunding(at, fundingInterval(seed, 'binance', coin)) : 0,
    time: at,
  }
}

function ticker(seed: number, at: number, { symbol, coin }: Contract) {
  const { lastPrice, openPrice, baseVolume, quoteVolume } = futuresQuote(seed, 'binance', coin, at)
  const change = Number(lastPrice) - Number(openPrice)
  return {
    symbol,
    priceChange: change.toFixed(6),
    priceChangePercent: ((change / Number(openPrice)) * 100).toFixed(3),
    weightedAvgPrice: lastPrice,
    lastPrice,
    lastQty: '1',
    openPrice,
    highPrice: lastPrice,
    lowPrice: openPrice,
    volume: baseVolume,
    quoteVolume,
    openTime: at - DAY_MS,
    closeTime: at,
    firstId: 1,
    lastId: 100_000,
    count: 100_000,
  }
}
