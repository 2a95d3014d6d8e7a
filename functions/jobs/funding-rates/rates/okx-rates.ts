import * as z from 'zod/mini'
import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import {
  amount,
  hoursBetween,
  instant,
  orNull,
  orNullIfZero,
  price,
  rowList,
  signedRate,
  symbol,
} from '#shared/upstreams/fields.ts'
import { type Rows, readRows } from '#shared/upstreams/rows.ts'
import { compare, product } from './rate-arithmetic.ts'
import { parseQuotes, type QuoteContext, type QuoteRow } from './rate-quotes.ts'
import { MAX_RATE, NO_TRADE_PRICES, quoteTime, type RateSource, settlement } from './rate-source.ts'
import { type Volumes, volumesOf } from './volumes.ts'

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
export const okxRates: RateSource = {
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
