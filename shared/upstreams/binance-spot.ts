import { defineUpstream, type UpstreamSpec } from '#shared/declare/upstream.ts'
import { classifyBinance, USED_WEIGHT } from './classify-binance.ts'

/**
 * What both addresses of Binance's spot market allow. The limit is a weight of 6,000 a minute and address: 1,200 calls
 * of klines, which weigh 2, are two fifths of it, and leave room for the day's call of 80 and for strangers who share
 * the address of a Lambda function.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
 */
const SPOT = {
  settings: {},
  limits: () => ({ perMinute: 1_200, burst: 100, concurrency: 16 }),
  usage: { header: USED_WEIGHT, limit: 6_000 },
  attemptTimeout: '10 seconds',
  maxBytes: 32 * 1024 * 1024,
  attribution: { text: 'Market data by Binance', url: 'https://www.binance.com' },
  classify: classifyBinance,
} satisfies Partial<UpstreamSpec<Record<never, never>>>

/** Binance's spot market at the address that has nothing but public data: the one to ask first. */
export const binanceSpot = defineUpstream({
  ...SPOT,
  name: 'binance-spot',
  title: 'Binance spot data',
  baseUrls: () => ['https://data-api.binance.vision'],
})

/**
 * The same market at the exchange's own address: a provider of its own, so that a block of one address is remembered
 * and leaves the other one open.
 */
export const binanceSpotApi = defineUpstream({
  ...SPOT,
  name: 'binance-spot-api',
  title: 'Binance spot',
  baseUrls: () => ['https://api.binance.com'],
})
