import * as z from 'zod/mini'
import { defined } from '#shared/domain/defined.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { decimalText, epochNumber, epochText, optionalUnknown } from '#shared/upstreams/fields.ts'
import { compare, product } from './rate-arithmetic.ts'
import { parseQuotes, type RateRow, type VenueQuotes } from './rate-quotes.ts'

/** A call whose failure costs only its own body. */
interface OptionalCall extends Call {
  readonly optional: true
}

/** The body of each call, in order; `null` for an optional call that failed. */
export type Bodies = readonly (object | null)[]

/** The requests for one venue's rates, and the parser of its responses. Pure. */
export interface RateSource {
  readonly calls: readonly Call[]
  /** Further calls, derived from the bodies of `calls`. */
  readonly moreCalls?: (bodies: Bodies, requested: readonly Contract[]) => readonly OptionalCall[]
  /**
   * @param bodies - of `calls`, then of `moreCalls`
   * @param now - milliseconds since the epoch
   * @throws for a malformed body
   */
  readonly parse: (bodies: Bodies, requested: readonly Contract[], now: number) => VenueQuotes
}

const binancePremiums = z
  .array(
    z.object({
      symbol: z.string(),
      lastFundingRate: optionalUnknown(),
      nextFundingTime: optionalUnknown(),
      markPrice: optionalUnknown(),
      indexPrice: optionalUnknown(),
      time: optionalUnknown(),
    }),
  )
  .check(z.minLength(1))

const binanceTickers = z
  .array(z.object({ symbol: z.string(), quoteVolume: optionalUnknown() }))
  .check(z.minLength(1))

/**
 * Two calls for the whole market. `lastFundingRate` is the rate of the period that ends at
 * `nextFundingTime`.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Mark-Price
 */
const binance: RateSource = {
  calls: [{ path: '/fapi/v1/premiumIndex' }, { path: '/fapi/v1/ticker/24hr' }],

  parse: ([premium, ticker], requested, now) => {
    const volumes = new Map(binanceTickers.parse(ticker).map((one) => [one.symbol, one.quoteVolume]))
    const rows = binancePremiums.parse(premium).map(({ symbol, markPrice, indexPrice, ...one }) => ({
      nativeSymbol: symbol,
      rate: one.lastFundingRate,
      nextFundingTime: epochNumber(one.nextFundingTime),
      markPrice,
      indexPrice,
      volume: volumes.get(symbol),
      at: epochNumber(one.time),
    }))
    return parseQuotes(rows, requested, now)
  },
}

const bybitTickers = z.object({
  time: optionalUnknown(),
  result: z.object({
    list: z
      .array(
        z.object({
          symbol: z.string(),
          fundingRate: optionalUnknown(),
          nextFundingTime: optionalUnknown(),
          fundingIntervalHour: optionalUnknown(),
          markPrice: optionalUnknown(),
          indexPrice: optionalUnknown(),
          turnover24h: optionalUnknown(),
        }),
      )
      .check(z.minLength(1)),
  }),
})

/**
 * One call for the whole market. Only the envelope has a time.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/tickers
 */
const bybit: RateSource = {
  calls: [{ path: '/v5/market/tickers', query: { category: 'linear' } }],

  parse: ([body], requested, now) => {
    const { time, result } = bybitTickers.parse(body)
    const at = epochNumber(time)
    const rows = result.list.map(({ symbol, markPrice, indexPrice, ...one }) => ({
      nativeSymbol: symbol,
      rate: one.fundingRate,
      nextFundingTime: epochText(one.nextFundingTime),
      intervalHours: parseHours(one.fundingIntervalHour),
      markPrice,
      indexPrice,
      volume: one.turnover24h,
      at,
    }))
    return parseQuotes(rows, requested, now)
  },
}

/** `null` for an older body without the member. */
function parseHours(value: unknown): number | null {
  const hours = decimalText(value)
  return hours === null ? null : Number(hours)
}

/** Each contract needs one call: more would not fit into a refresh at the provider's rate limit. */
const MAX_CONTRACTS = 200

const VOLUME_NOTE = 'volume_24h is the volume in coins times the last price'

const okxTickers = z.object({
  data: z
    .array(z.object({ instId: z.string(), last: optionalUnknown(), volCcy24h: optionalUnknown() }))
    .check(z.minLength(1)),
})

const okxMarkPrices = z.object({
  data: z.array(z.object({ instId: z.string(), markPx: optionalUnknown() })).check(z.minLength(1)),
})

/** The list is empty for an unknown instrument. */
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
 * Two calls for the whole market, then one for each of the 200 most traded contracts. `fundingRate` is paid
 * at `fundingTime`; `nextFundingTime` is the settlement after it.
 *
 * @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-funding-rate
 */
const okx: RateSource = {
  calls: [
    { path: '/api/v5/market/tickers', query: { instType: 'SWAP' } },
    { path: '/api/v5/public/mark-price', query: { instType: 'SWAP' } },
  ],

  moreCalls: ([ticker], requested) =>
    largestByVolume(requested, volumesOf(ticker)).map(({ nativeSymbol }) => ({
      path: '/api/v5/public/funding-rate',
      query: { instId: nativeSymbol },
      optional: true,
    })),

  parse: ([ticker, markPrice, ...rates], requested, now) => {
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
        ...defined({ note: volumes.has(instId) ? VOLUME_NOTE : undefined }),
      }),
    )
    return parseQuotes(rows, largestByVolume(requested, volumes), now)
  },
}

function fundingRateRows(bodies: Bodies) {
  return bodies.flatMap((body) => (body === null ? [] : okxFundingRates.parse(body).data))
}

/** Volume of 24 hours in units of the quote, by instrument: the venue's figure in coins times the last price. */
function volumesOf(body: object | null | undefined): ReadonlyMap<string, string> {
  const volumes = okxTickers.parse(body).data.flatMap(({ instId, last, volCcy24h }): [string, string][] => {
    const price = decimalText(last)
    const coins = decimalText(volCcy24h)
    return price === null || coins === null ? [] : [[instId, product(coins, price)]]
  })
  return new Map(volumes)
}

/** The most traded contracts; those of unknown volume come last, equal ones in order of their symbols. */
function largestByVolume(
  requested: readonly Contract[],
  volumes: ReadonlyMap<string, string>,
): readonly Contract[] {
  const volumeOf = ({ nativeSymbol }: Contract) => volumes.get(nativeSymbol) ?? '-1'
  return requested
    .toSorted((a, b) => compare(volumeOf(b), volumeOf(a)) || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, MAX_CONTRACTS)
}

function hoursBetween(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : (to - from) / HOUR_MS
}

/** The source of rates of each venue. */
export const rateSources: Readonly<Record<Venue, RateSource>> = { binance, bybit, okx }
