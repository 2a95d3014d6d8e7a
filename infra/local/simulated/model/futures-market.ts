import { HOUR_MS } from '#shared/domain/duration.ts'
import type { Coin } from './coins.ts'
import { drift, hashFraction } from './seeded-values.ts'

/** The quote of a venue for one perpetual contract at one time. */
export interface FuturesQuote {
  readonly rate: string
  readonly markPrice: string
  readonly indexPrice: string
  readonly lastPrice: string
  readonly openPrice: string
  /** Volume of 24 hours, in units of the coin and in USDT. */
  readonly baseVolume: string
  readonly quoteVolume: string
}

/**
 * A simulated quote. The funding rate of a coin with `hasHighFunding` swings around the threshold of the funding
 * monitor within one to four hours; all other rates stay near 0.01 %. Venues differ a little.
 *
 * @param at - milliseconds since the epoch
 */
export function futuresQuote(seed: number, venue: string, coin: Coin, at: number): FuturesQuote {
  const hours = at / HOUR_MS
  const digits = Math.max(2, 5 - Math.floor(Math.log10(coin.price)))
  const index = coin.price * drift(seed, `${coin.base} price`, 0.12, hours)
  const mark = index * drift(seed, `${coin.base} ${venue} basis`, 0.001, hours)
  const volume = coin.volume * volumeShare(seed, coin, hours)
  return {
    rate: fundingRate(seed, venue, coin, hours).toFixed(8),
    markPrice: mark.toFixed(digits + 2),
    indexPrice: index.toFixed(digits + 2),
    lastPrice: mark.toFixed(digits),
    openPrice: (coin.price * drift(seed, `${coin.base} price`, 0.12, hours - 24)).toFixed(digits),
    baseVolume: (volume / mark).toFixed(3),
    quoteVolume: volume.toFixed(4),
  }
}

/** The next settlement of a contract, with intervals counted from midnight UTC. */
export function nextFunding(at: number, intervalHours: number): number {
  const interval = intervalHours * HOUR_MS
  return (Math.floor(at / interval) + 1) * interval
}

/** Hours between the settlements of a contract; 4 or 8 for most of them. */
export function fundingInterval(seed: number, venue: string, { base }: Coin): 1 | 2 | 4 | 8 {
  const share = hashFraction(`${base} ${venue} interval ${seed}`)
  if (base === 'BTC' || base === 'ETH') return 8
  if (share < 0.06) return 1
  if (share < 0.09) return 2
  return share < 0.6 ? 4 : 8
}

function fundingRate(seed: number, venue: string, { base, hasHighFunding }: Coin, hours: number): number {
  const baseRate = 0.00006 * drift(seed, `${base} ${venue} rate`, 2.5, hours)
  if (!hasHighFunding) return baseRate
  const random = (name: string) => hashFraction(`${name} ${base} ${seed}`)
  const middle = 0.0024 + 0.0014 * random('middle')
  const swing = 0.0012 + 0.001 * random('swing')
  const period = 1.2 + 2.6 * random('period')
  const wave = Math.sin(2 * Math.PI * (hours / period + random('phase')))
  return (random('sign') < 0.4 ? -1 : 1) * (middle + swing * wave) + baseRate
}

/** Some coins with a high funding rate have, at times, too little volume for the monitor. */
function volumeShare(seed: number, { base, hasHighFunding }: Coin, hours: number): number {
  const slow = drift(seed, `${base} volume`, 0.3, hours)
  if (!hasHighFunding || hashFraction(`thin ${base} ${seed}`) > 0.3) return slow
  return 0.034 * drift(seed, `${base} thin`, 0.5, 12 * hours)
}
