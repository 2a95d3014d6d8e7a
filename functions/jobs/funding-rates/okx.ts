import * as z from 'zod/mini'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import { decimalText, epochText, optionalUnknown } from '#shared/upstreams/fields.ts'
import { compare, product } from './rate-arithmetic.ts'
import { parseQuotes, type RateRow } from './rate-reading.ts'
import type { Bodies, RateSource } from './rate-source.ts'

/** One call each: more would not fit into a refresh at the provider's pace. */
const MAX_CONTRACTS = 200

const HOUR_MS = 3_600_000
const VOLUME_NOTE = 'volume_24h is the volume in coins times the last price'

const okxTickers = z.object({
  data: z
    .array(z.object({ instId: z.string(), last: optionalUnknown(), volCcy24h: optionalUnknown() }))
    .check(z.minLength(1)),
})

const okxMarkPrices = z.object({
  data: z.array(z.object({ instId: z.string(), markPx: optionalUnknown() })).check(z.minLength(1)),
})

/** Empty for an instrument that is unknown. */
const okxFundingRates = z.object({
  data: z.array(
    z.object({
      instId: z.string(),
      fundingRate: optionalUnknown(),
      fundingTime: optionalUnknown(),
      nextFundingTime: optionalUnknown(),
      ts: optionalUnknown(),
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
    largestByVolume(asked, volumesOf(ticker)).map(({ nativeSymbol }) => ({
      path: '/api/v5/public/funding-rate',
      query: { instId: nativeSymbol },
      optional: true,
    })),

  parse: ([ticker, markPrice, ...rates], asked, now) => {
    const volumes = volumesOf(ticker)
    const marks = new Map(okxMarkPrices.parse(markPrice).data.map(({ instId, markPx }) => [instId, markPx]))
    const rows = fundingRateRows(rates).map(
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
    return parseQuotes(rows, largestByVolume(asked, volumes), now)
  },
}

function fundingRateRows(bodies: Bodies) {
  return bodies.flatMap((body) => (body === null ? [] : okxFundingRates.parse(body).data))
}

/** Traded in 24 hours in units of the quote, by instrument: the venue tells it in coins. */
function volumesOf(body: object | null | undefined): ReadonlyMap<string, string> {
  const known = okxTickers.parse(body).data.flatMap(({ instId, last, volCcy24h }): [string, string][] => {
    const price = decimalText(last)
    const coins = decimalText(volCcy24h)
    return price === null || coins === null ? [] : [[instId, product(coins, price)]]
  })
  return new Map(known)
}

/** Contracts of unknown volume come last; of equal ones the first by symbol. */
function largestByVolume(
  asked: readonly Contract[],
  volumes: ReadonlyMap<string, string>,
): readonly Contract[] {
  const volumeOf = ({ nativeSymbol }: Contract) => volumes.get(nativeSymbol) ?? '-1'
  return asked
    .toSorted((a, b) => compare(volumeOf(b), volumeOf(a)) || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, MAX_CONTRACTS)
}

function hoursBetween(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : (to - from) / HOUR_MS
}
