import * as z from 'zod/mini'
import type { Contract } from '#shared/funding/contract.ts'
import { anyMember, decimalText, epochText } from '#shared/upstreams/fields.ts'
import { compared, product } from './rate-arithmetic.ts'
import { type RateRow, readRates } from './rate-reading.ts'
import type { Bodies, RateSource } from './rate-source.ts'

/** One call each: more would not fit into a refresh at the provider's pace. */
const MOST_CONTRACTS = 200

const HOUR_MS = 3_600_000
const VOLUME_NOTE = 'volume_24h is the volume in coins times the last price'

const tickers = z.object({
  data: z
    .array(z.object({ instId: z.string(), last: anyMember(), volCcy24h: anyMember() }))
    .check(z.minLength(1)),
})

const markPrices = z.object({
  data: z.array(z.object({ instId: z.string(), markPx: anyMember() })).check(z.minLength(1)),
})

/** Empty for an instrument that is unknown. */
const fundingRates = z.object({
  data: z.array(
    z.object({
      instId: z.string(),
      fundingRate: anyMember(),
      fundingTime: anyMember(),
      nextFundingTime: anyMember(),
      ts: anyMember(),
    }),
  ),
})

/**
 * Two calls for the whole market, then one for each of the 200 contracts that are traded most. `fundingRate` is paid
 * at `fundingTime`; `nextFundingTime` is the settlement after it.
 *
 * @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-funding-rate
 */
export const okx: RateSource = {
  calls: [
    { path: '/api/v5/market/tickers', query: { instType: 'SWAP' } },
    { path: '/api/v5/public/mark-price', query: { instType: 'SWAP' } },
  ],

  moreCalls: ([ticker], asked) =>
    mostTraded(asked, volumesOf(ticker)).map(({ nativeSymbol }) => ({
      path: '/api/v5/public/funding-rate',
      query: { instId: nativeSymbol },
      optional: true,
    })),

  parse: ([ticker, markPrice, ...rates], asked, now) => {
    const volumes = volumesOf(ticker)
    const marks = new Map(markPrices.parse(markPrice).data.map(({ instId, markPx }) => [instId, markPx]))
    const rows = rowsOf(rates).map(
      ({ instId, fundingRate, fundingTime, nextFundingTime, ts }): RateRow => ({
        nativeSymbol: instId,
        rate: fundingRate,
        nextFundingTime: epochText(fundingTime),
        intervalHours: hoursBetween(epochText(fundingTime), epochText(nextFundingTime)),
        markPrice: marks.get(instId),
        indexPrice: null,
        volume: volumes.get(instId),
        at: epochText(ts),
        ...(volumes.has(instId) ? { note: VOLUME_NOTE } : {}),
      }),
    )
    return readRates(rows, mostTraded(asked, volumes), now)
  },
}

function rowsOf(bodies: Bodies) {
  return bodies.flatMap((body) => (body === null ? [] : fundingRates.parse(body).data))
}

/** Traded in 24 hours in units of the quote, by instrument: the venue tells it in coins. */
function volumesOf(body: object | null | undefined): ReadonlyMap<string, string> {
  const known = tickers.parse(body).data.flatMap(({ instId, last, volCcy24h }): [string, string][] => {
    const price = decimalText(last)
    const coins = decimalText(volCcy24h)
    return price === null || coins === null ? [] : [[instId, product(coins, price)]]
  })
  return new Map(known)
}

/** Contracts of unknown volume come last; of equal ones the first by symbol. */
function mostTraded(asked: readonly Contract[], volumes: ReadonlyMap<string, string>): readonly Contract[] {
  const volumeOf = ({ nativeSymbol }: Contract) => volumes.get(nativeSymbol) ?? '-1'
  return asked
    .toSorted((a, b) => compared(volumeOf(b), volumeOf(a)) || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, MOST_CONTRACTS)
}

function hoursBetween(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : (to - from) / HOUR_MS
}
