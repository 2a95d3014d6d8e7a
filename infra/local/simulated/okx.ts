import { HOUR_MS } from '#shared/domain/duration.ts'
import { type Coin, coins } from './model/coins.ts'
import { fundingInterval, futuresQuote, nextFunding } from './model/futures-market.ts'
import { jsonResponse, type SimulatedProvider, type SimulatedResponse } from './model/provider.ts'

const STEP_MS = 3_000
const COIN_COUNT = 280

/** A perpetual swap. */
interface Swap {
  readonly instId: string
  readonly coin: Coin
  readonly settle: string
  readonly state: 'live' | 'suspend'
}

/**
 * OKX's perpetual swaps: about three hundred, some quoted in USD or USDC. Prices change every three seconds.
 *
 * @see https://www.okx.com/docs-v5/en/#public-data
 */
export const okx: SimulatedProvider = (seed, now, path, query) => {
  const step = Math.floor(now / STEP_MS) * STEP_MS
  const all = listSwaps(seed)
  if (path === '/api/v5/public/funding-rate') {
    const swap = all.find(({ instId }) => instId === query.get('instId'))
    if (swap) return okxResponse([fundingRate(seed, step, swap)])
    return jsonResponse(200, { code: '51001', data: [], msg: "Instrument ID doesn't exist." })
  }
  const row = ROW_BUILDERS[path]
  if (!row) return jsonResponse(404, { code: '404', data: {}, msg: 'Not Found' })
  if (query.get('instType') !== 'SWAP') {
    return jsonResponse(400, { code: '51000', data: [], msg: 'Parameter instType error' })
  }
  return okxResponse(all.map((swap) => row(seed, step, swap)))
}

const ROW_BUILDERS: Readonly<Record<string, (seed: number, at: number, swap: Swap) => object>> = {
  '/api/v5/public/instruments': instrument,
  '/api/v5/market/tickers': ticker,
  '/api/v5/public/mark-price': markPrice,
}

function okxResponse(data: readonly object[]): SimulatedResponse {
  return jsonResponse(200, { code: '0', data, msg: '' })
}

/** OKX has no contracts for a thousand coins: such coins are listed singly. */
function listSwaps(seed: number): readonly Swap[] {
  const all = coins(seed, COIN_COUNT).map((coin) =>
    coin.base.startsWith('1000') ? { ...coin, base: coin.base.slice(4), price: coin.price / 1_000 } : coin,
  )
  const usdt = all.map((coin, index): Swap => {
    const state = index === COIN_COUNT - 1 ? 'suspend' : 'live'
    return { instId: `${coin.base}-USDT-SWAP`, coin, settle: 'USDT', state }
  })
  const others = all.slice(0, 4).flatMap((coin): Swap[] => [
    { instId: `${coin.base}-USD-SWAP`, coin, settle: coin.base, state: 'live' },
    { instId: `${coin.base}-USDC-SWAP`, coin, settle: 'USDC', state: 'live' },
  ])
  return [...usdt, ...others]
}

function instrument(_seed: number, _at: number, { instId, coin, settle, state }: Swap) {
  const isInverse = settle === coin.base
  return {
    alias: '',
    baseCcy: '',
    category: '1',
    ctMult: '1',
    ctType: isInverse ? 'inverse' : 'linear',
    ctVal: isInverse ? '100' : '1',
    ctValCcy: isInverse ? 'USD' : coin.base,
    expTime: '',
    instFamily: instId.replace(/-SWAP$/, ''),
    instId,
    instType: 'SWAP',
    lever: '50',
    listTime: '1573557408000',
    lotSz: '1',
    minSz: '1',
    quoteCcy: '',
    settleCcy: settle,
    state,
    tickSz: '0.0001',
    uly: instId.replace(/-SWAP$/, ''),
  }
}

function ticker(seed: number, at: number, { instId, coin }: Swap) {
  const { lastPrice, openPrice, baseVolume } = futuresQuote(seed, 'okx', coin, at)
  return {
    instType: 'SWAP',
    instId,
    last: lastPrice,
    lastSz: '1',
    askPx: lastPrice,
    askSz: '1',
    bidPx: lastPrice,
    bidSz: '1',
    open24h: openPrice,
    high24h: lastPrice,
    low24h: openPrice,
    volCcy24h: baseVolume,
    vol24h: baseVolume,
    sodUtc0: openPrice,
    sodUtc8: openPrice,
    ts: String(at),
  }
}

function markPrice(seed: number, at: number, { instId, coin }: Swap) {
  return { instType: 'SWAP', instId, markPx: futuresQuote(seed, 'okx', coin, at).markPrice, ts: String(at) }
}

function fundingRate(seed: number, at: number, { instId, coin }: Swap) {
  const hours = fundingInterval(seed, 'okx', coin)
  const fundingTime = nextFunding(at, hours)
  return {
    formulaType: 'withRate',
    fundingRate: futuresQuote(seed, 'okx', coin, at).rate,
    fundingTime: String(fundingTime),
    impactValue: '20000',
    instId,
    instType: 'SWAP',
    interestRate: '0.0001',
    maxFundingRate: '0.015',
    method: 'current_period',
    minFundingRate: '-0.015',
    nextFundingRate: '',
    nextFundingTime: String(fundingTime + hours * HOUR_MS),
    premium: '0.0001',
    settFundingRate: '0.0001',
    settState: 'settled',
    ts: String(at),
  }
}
