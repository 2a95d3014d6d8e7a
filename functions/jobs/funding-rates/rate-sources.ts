import * as z from 'zod/mini'
import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import { INTERVALS_PATH, readIntervals } from '#shared/systems/funding/binance-intervals.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import {
  amount,
  hoursBetween,
  instant,
  intervalHours,
  type NumberForm,
  orNull,
  orNullIfZero,
  price,
  rowList,
  signedRate,
  symbol,
} from '#shared/upstreams/fields.ts'
import { type Rows, readRows } from '#shared/upstreams/rows.ts'
import { compare, product } from './rate-arithmetic.ts'
import { parseQuotes, type QuoteContext, type QuoteRow, type VenueQuotes } from './rate-quotes.ts'
import { type Volumes, volumesOf } from './volumes.ts'

/** A call whose failure costs only its own body. */
interface OptionalCall extends Call {
  readonly optional: true
}

/** The body of each call, in order; `null` for an optional call that failed. */
export type Bodies = readonly (object | null)[]

const NO_TRADE_PRICES = { last: null, bid: null, ask: null } as const

/** The requests for one venue's rates, and the parser of its responses. Pure. */
export interface RateSource {
  readonly calls: readonly Call[]
  /** Further calls, derived from the bodies of `calls`. */
  readonly moreCalls?: (bodies: Bodies, context: QuoteContext) => readonly OptionalCall[]
  /**
   * @param bodies - of `calls`, then of `moreCalls`
   * @throws for a malformed body
   */
  readonly parse: (bodies: Bodies, context: QuoteContext) => VenueQuotes
}

/** Largest plausible magnitude of a rate: 10 % per settlement. */
const MAX_RATE = 0.1

/** No venue settles less often than once a day. A row may be read some minutes after its settlement. */
const settlement = (now: number, form: NumberForm) =>
  instant({ form, unit: 'ms', now, maxPastMs: 5 * MINUTE_MS, maxAheadMs: 24 * HOUR_MS + MINUTE_MS })

/** The venue's own time of a row. An older one belongs to a contract that is no longer traded. */
const quoteTime = (now: number, form: NumberForm) =>
  orNull(instant({ form, unit: 'ms', now, maxPastMs: 30 * MINUTE_MS, maxAheadMs: 5 * MINUTE_MS }))

const binanceRow = (now: number) =>
  z.object({
    symbol: symbol(),
    lastFundingRate: signedRate('text', MAX_RATE),
    nextFundingTime: settlement(now, 'number'),
    markPrice: price('text'),
    indexPrice: orNullIfZero(price('text')),
    time: quoteTime(now, 'number'),
  })

const binanceVolume = (now: number) =>
  z.object({ symbol: symbol(), quoteVolume: amount('text'), closeTime: quoteTime(now, 'number') })

/**
 * Two calls for the whole market, and one for the intervals, which weighs nothing. `lastFundingRate` is the rate of the
 * period that ends at `nextFundingTime`.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Mark-Price
 */
const binance: RateSource = {
  calls: [
    { path: '/fapi/v1/premiumIndex' },
    { path: '/fapi/v1/ticker/24hr' },
    { path: INTERVALS_PATH, optional: true },
  ],

  parse: ([premium, ticker, conditions], context) => {
    const intervals = readIntervals(conditions ?? null, context.requested)
    const { rows, lost } = readRows(rowList().parse(premium), binanceRow(context.now), (row) => row.symbol)
    const tickers = readRows(rowList().parse(ticker), binanceVolume(context.now), (row) => row.symbol)
    const volumes = volumesOf(tickers, context.requested, context.storedVolumes)
    const quotes = rows.map(({ symbol: nativeSymbol, lastFundingRate: rate, time: at, ...row }) => ({
      ...row,
      nativeSymbol,
      rate,
      at,
      intervalHours: intervals.of(nativeSymbol).hours,
      ...NO_TRADE_PRICES,
      volume: null,
      note: null,
    }))
    return parseQuotes(
      { rows: quotes, lost, volumes, hasIndexPrices: true, distrusted: intervals.distrusted },
      context,
    )
  },
}

const bybitTickers = (now: number) =>
  z.object({ time: quoteTime(now, 'number'), result: z.object({ list: rowList() }) })

const bybitRow = (now: number) =>
  z.object({
    symbol: symbol(),
    fundingRate: signedRate('text', MAX_RATE),
    nextFundingTime: settlement(now, 'text'),
    fundingIntervalHour: orNull(intervalHours('text', 'hours')),
    markPrice: price('text'),
    indexPrice: orNullIfZero(price('text')),
    lastPrice: orNullIfZero(price('text')),
    bid1Price: orNullIfZero(price('text')),
    ask1Price: orNullIfZero(price('text')),
    turnover24h: orNull(amount('text')),
  })

/**
 * One call for the whole market. Only the envelope has a time. Older bodies have no interval.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/tickers
 */
const bybit: RateSource = {
  calls: [{ path: '/v5/market/tickers', query: { category: 'linear' } }],

  parse: ([body], context) => {
    const { time: at, result } = bybitTickers(context.now).parse(body)
    const { rows, lost } = readRows(result.list, bybitRow(context.now), (row) => row.symbol)
    const quotes = rows.map((row) => ({
      nativeSymbol: row.symbol,
      rate: row.fundingRate,
      nextFundingTime: row.nextFundingTime,
      intervalHours: row.fundingIntervalHour,
      markPrice: row.markPrice,
      indexPrice: row.indexPrice,
      last: row.lastPrice,
      bid: row.bid1Price,
      ask: row.ask1Price,
      volume: row.turnover24h,
      at,
      note: null,
    }))
    return parseQuotes({ rows: quotes, lost, hasIndexPrices: true, distrusted: [] }, context)
  },
}

/** Each contract needs one call: more would not fit into a refresh at the provider's rate limit. */
const MAX_CONTRACTS = 200

const VOLUME_NOTE = 'volume_24h is the volume in coins times the last price'

const okxList = z.object({ data: rowList() })
const okxTicker = (now: number) =>
  z.object({
    instId: symbol(),
    last: price('text'),
    bidPx: orNullIfZero(price('text')),
    askPx: orNullIfZero(price('text')),
    volCcy24h: amount('text'),
    ts: quoteTime(now, 'text'),
  })

const okxMark = (now: number) =>
  z.object({ instId: symbol(), markPx: price('text'), ts: quoteTime(now, 'text') })

const okxRate = (now: number) =>
  z.object({
    instId: symbol(),
    fundingRate: signedRate('text', MAX_RATE),
    fundingTime: settlement(now, 'text'),
    nextFundingTime: orNull(
      instant({ form: 'text', unit: 'ms', now, maxPastMs: 0, maxAheadMs: 48 * HOUR_MS + MINUTE_MS }),
    ),
    ts: quoteTime(now, 'text'),
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

  moreCalls: ([ticker], context) =>
    largestByVolume(context.requested, okxVolumes(okxTickers(ticker, context.now), context)).map(
      ({ nativeSymbol }) => ({
        path: '/api/v5/public/funding-rate',
        query: { instId: nativeSymbol },
        optional: true,
      }),
    ),

  parse: ([ticker, markPrice, ...answers], context) => {
    const tickers = okxTickers(ticker, context.now)
    const volumes = okxVolumes(tickers, context)
    const pricesOf = new Map(
      tickers.rows.map(({ symbol: instId, quoteVolume: _, ...prices }) => [instId, prices]),
    )
    const marks = readRows(
      okxList.parse(markPrice).data,
      okxMark(context.now),
      ({ instId }) => instId,
      'instId',
    )
    const markOf = new Map(marks.rows.map(({ instId, markPx }) => [instId, markPx]))
    const list = answers.flatMap((answer) => (answer === null ? [] : okxList.parse(answer).data))
    const { rows, lost } = readRows(list, okxRate(context.now), ({ instId }) => instId, 'instId')
    const quotes = rows.flatMap(({ instId, fundingRate, fundingTime, nextFundingTime, ts }) => {
      const mark = markOf.get(instId)
      if (mark === undefined) return []
      return {
        nativeSymbol: instId,
        rate: fundingRate,
        nextFundingTime: fundingTime,
        intervalHours: nextFundingTime === null ? null : (hoursBetween(fundingTime, nextFundingTime) ?? null),
        markPrice: mark,
        indexPrice: null,
        ...(pricesOf.get(instId) ?? NO_TRADE_PRICES),
        volume: null,
        at: ts,
        note: null,
      }
    })
    return parseQuotes(
      { rows: quotes, lost: [...lost, ...marks.lost], volumes, hasIndexPrices: false, distrusted: [] },
      { now: context.now, requested: largestByVolume(context.requested, volumes) },
    )
  },
}

/** What the venue's list of tickers says of one instrument. */
interface OkxTicker extends Pick<QuoteRow, 'last' | 'bid' | 'ask'> {
  readonly symbol: string
  /** Volume of 24 hours in units of the quote: the venue's figure in coins times the last price. */
  readonly quoteVolume: string
}

function okxTickers(body: object | null | undefined, now: number): Rows<OkxTicker> {
  const { rows, lost } = readRows(okxList.parse(body).data, okxTicker(now), ({ instId }) => instId, 'instId')
  const tickers = rows.map(({ instId, last, bidPx, askPx, volCcy24h }) => ({
    symbol: instId,
    quoteVolume: product(volCcy24h, last),
    last,
    bid: bidPx,
    ask: askPx,
  }))
  return { rows: tickers, lost }
}

/** @throws {TypeError} if no volume says which contracts are traded most */
function okxVolumes(tickers: Rows<OkxTicker>, { requested, storedVolumes }: QuoteContext): Volumes {
  const volumes = volumesOf(tickers, requested, storedVolumes, VOLUME_NOTE)
  const [fault] = volumes.distrusted
  const isRankNeeded = tickers.rows.length === 0 || requested.length > MAX_CONTRACTS
  if (fault !== undefined && isRankNeeded && storedVolumes.size === 0) throw new TypeError(fault)
  return volumes
}

/** The most traded contracts; those of unknown volume come last, equal ones in order of their symbols. */
function largestByVolume(requested: readonly Contract[], volumes: Volumes): readonly Contract[] {
  const volumeOf = (contract: Contract) => volumes.of(contract).volume ?? '-1'
  return requested
    .toSorted((a, b) => compare(volumeOf(b), volumeOf(a)) || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, MAX_CONTRACTS)
}

/** The source of rates of each venue. */
export const rateSources: Readonly<Record<Venue, RateSource>> = { binance, bybit, okx }
