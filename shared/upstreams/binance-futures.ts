import { defineUpstream } from '#shared/declare/upstream.ts'
import { classifyBinance, USED_WEIGHT } from './classify-binance.ts'

/**
 * Binance's USD-margined futures, public market data.
 *
 * The limit is a weight of 2,400 a minute and address, in which the heaviest call (24 h statistics of all symbols)
 * counts 40: 40 calls a minute weigh 1,600 at most, two thirds. `fundingInfo` weighs nothing and has 500 calls in five
 * minutes of its own, of which 200 could be used.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
 */
export const binanceFutures = defineUpstream({
  name: 'binance-futures',
  title: 'Binance USD-margined futures',
  settings: {},
  baseUrls: () => ['https://fapi.binance.com'],
  limits: () => ({ perMinute: 40, burst: 4, concurrency: 3 }),
  usage: { header: USED_WEIGHT, limit: 2_400 },
  attemptTimeout: '10 seconds',
  maxBytes: 16 * 1024 * 1024,
  attribution: { text: 'Market data by Binance', url: 'https://www.binance.com' },
  classify: classifyBinance,
})
