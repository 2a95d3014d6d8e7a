import * as z from 'zod/mini'
import { peggedPairs } from '#shared/analysis/pegged.ts'
import { analysedSymbols } from '#shared/analysis/universe.ts'
import type { Job } from '#shared/declare/job.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { StoredSet } from '#shared/domain/records/snapshot.ts'
import type { Call, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault, firstRejection, inRange } from '#shared/engine/validate/verdicts.ts'
import { amount, instant, orNullIfZero, price, rowList, symbol, word } from '#shared/upstreams/fields.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import { type LostRow, readRows } from '#shared/upstreams/rows.ts'

/** One pair; `quote_volume` of 24 hours and `last_price` in the quote asset. */
export type Pair = {
  readonly symbol: string
  readonly base_asset: string
  readonly quote_asset: string
  /** The exchange's status: `TRADING` while the pair can be traded. */
  readonly status: string
  readonly quote_volume: number | null
  readonly last_price?: number | null
  /** Whether the base asset behaves like money. */
  readonly pegged?: boolean
}

/** The head of the stored set. */
export type UniverseHead = {
  /** The analysed pairs, the most traded first. */
  readonly symbols: readonly string[]
  /** Included symbols that the exchange does not list. */
  readonly unknown: readonly string[]
}

/** All pairs of the exchange. */
interface Listing {
  /** The exchange's time; milliseconds since the epoch. */
  readonly at: number
  readonly pairs: readonly Pair[]
  /** The analysed pairs, the most traded first. */
  readonly analysed: readonly string[]
  /** Stored pairs that the list does not have, or whose row cannot be read. */
  readonly missing: readonly { readonly key: string; readonly message: string }[]
  /** Other rows that cannot be read, and volumes that are missing. */
  readonly lost: readonly LostRow[]
  /** Number of tradable pairs, and of those with a ticker. */
  readonly tradable: number
  readonly withTicker: number
}

/** The settings that `job.ts` declares. */
type Settings = {
  readonly HAMA_UNIVERSE_SIZE: number
  readonly HAMA_INCLUDE: readonly string[]
  readonly HAMA_EXCLUDE: readonly string[]
}

const MAX_CLOCK_SKEW_MS = 5 * MINUTE_MS

const PAIRS: ListExpectation = { name: 'pairs', mayBeEmpty: false, maxShrink: 0.5, minCoverage: 0 }

/** Without the volumes of half of the tradable pairs, their order says nothing. */
const TICKERS: ListExpectation = { name: 'tickers', mayBeEmpty: false, maxShrink: 1, minCoverage: 0.5 }

const exchangeInfo = (now: number) =>
  z.object({
    serverTime: instant({
      form: 'number',
      unit: 'ms',
      now,
      maxPastMs: MAX_CLOCK_SKEW_MS,
      maxAheadMs: MAX_CLOCK_SKEW_MS,
    }),
    symbols: rowList(),
  })

const pairRow = z.object({ symbol: symbol(), status: word(), baseAsset: word(), quoteAsset: word() })

/** A pair that is not traded has prices of 0. */
const tickerRow = z.object({
  symbol: symbol(),
  quoteVolume: amount('text'),
  lastPrice: orNullIfZero(price('text')),
  highPrice: orNullIfZero(price('text')),
  lowPrice: orNullIfZero(price('text')),
})

const TICKERS_CALL: Call = { path: '/api/v3/ticker/24hr' }
const EXCHANGE_INFO_CALL: Call = { path: '/api/v3/exchangeInfo' }
const SPOT_CALLS: readonly Call[] = [{ ...EXCHANGE_INFO_CALL, query: { permissions: 'SPOT' } }, TICKERS_CALL]

/** @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-endpoints */
export const refresh: Refresh<Listing> = {
  renderVersion: 3,

  // the last fallback omits the parameter, which an address may not support
  plan: () => [
    {
      key: 'spot',
      calls: SPOT_CALLS,
      fallbacks: [
        { upstream: 'binance-spot-api', calls: SPOT_CALLS },
        { upstream: 'binance-spot', calls: [EXCHANGE_INFO_CALL, TICKERS_CALL] },
      ],
    },
  ],

  parse: ([info, ticker], { job, now, stored }) => {
    const { serverTime, symbols } = exchangeInfo(now).parse(info)
    const listed = readRows(symbols, pairRow, (row) => row.symbol)
    const tickers = readRows(rowList().parse(ticker), tickerRow, (row) => row.symbol)
    if (tickers.rows.length + tickers.lost.length === 0)
      throw new TypeError('expected a list with tickers, got an empty list')
    const pairs = joinedPairs(listed.rows, tickers.rows, stored)
    const missing = missingPairs(pairs, listed.lost, stored)
    const kept = missing.flatMap(({ key }) => storedPair(stored, key) ?? [])
    const missingKeys = new Set(missing.map(({ key }) => key))
    const tradable = pairs.filter(
      ({ status, quote_asset: quote }) => status === 'TRADING' && quote === 'USDT',
    )
    const withTicker = new Set(tickers.rows.map((row) => row.symbol))
    return {
      at: serverTime,
      pairs,
      analysed: analysedSymbols([...pairs, ...kept], selectionOf(job)),
      missing,
      lost: [
        ...listed.lost.filter(({ name }) => name === undefined || !missingKeys.has(name)),
        ...lostVolumes(tradable, withTicker, tickers.lost),
      ],
      tradable: tradable.length,
      withTicker: tradable.filter((pair) => withTicker.has(pair.symbol)).length,
    }
  },

  accept: ({ pairs, analysed, tradable, withTicker }, { stored }) =>
    firstRejection(
      expectNoFault(listFault(PAIRS, { rows: pairs.length, storedRows: stored?.entries.size })),
      expectNoFault(listFault(TICKERS, { rows: withTicker, covered: withTicker, toCover: tradable })),
      inRange('a number of pairs to analyse', analysed.length, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    ),

  review: ({ lost }) => ({ lost, distrusted: [] }),

  members: ({ at, pairs, analysed, missing }) => {
    const isAnalysed = new Set(analysed)
    return {
      bodies: pairs.map((pair) => ({
        key: pair.symbol,
        data: pair,
        asOf: at,
        degraded: isAnalysed.has(pair.symbol) && pair.quote_volume === null,
      })),
      missing,
    }
  },

  summarizeSet: ({ entries, job, values, previous }) => {
    const [listing] = values
    const { symbols: analysedBefore = [] } = (previous?.head ?? {}) as Partial<UniverseHead>
    const head: UniverseHead = {
      symbols: listing?.analysed ?? analysedBefore,
      unknown: settingsOf(job).HAMA_INCLUDE.filter((name) => !entries.has(name)),
    }
    return { head }
  },

  logMessage: ({ pairs, analysed }) =>
    `Symbol universe refreshed: ${analysed.length} of ${pairs.length} are analysed`,
}

function selectionOf(job: Pick<Job, 'settings'>) {
  const { HAMA_UNIVERSE_SIZE: size, HAMA_INCLUDE: include, HAMA_EXCLUDE: exclude } = settingsOf(job)
  return { size, include, exclude }
}

function settingsOf({ settings }: Pick<Job, 'settings'>): Settings {
  return settings as Settings
}

function storedPair(stored: StoredSet | undefined, key: string): Pair | undefined {
  return stored?.entries.get(key)?.data as Pair | undefined
}

/** The listed pairs with their volumes and prices; a pair without a readable ticker keeps its stored volume. */
function joinedPairs(
  rows: readonly z.infer<typeof pairRow>[],
  tickers: readonly z.infer<typeof tickerRow>[],
  stored: StoredSet | undefined,
): readonly Pair[] {
  const bySymbol = new Map(tickers.map((ticker) => [ticker.symbol, ticker]))
  const pegged = peggedSymbols(rows, bySymbol, stored)
  return rows.map(({ symbol: name, baseAsset, quoteAsset, status }) => {
    const ticker = bySymbol.get(name)
    const before = storedPair(stored, name)
    return {
      symbol: name,
      base_asset: baseAsset,
      quote_asset: quoteAsset,
      status,
      quote_volume: ticker ? Number(ticker.quoteVolume) : (before?.quote_volume ?? null),
      last_price: ticker ? numberOrNull(ticker.lastPrice) : (before?.last_price ?? null),
      pegged: ticker ? pegged.has(name) : (before?.pegged ?? false),
    }
  })
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text)
}

function peggedSymbols(
  rows: readonly z.infer<typeof pairRow>[],
  tickers: ReadonlyMap<string, z.infer<typeof tickerRow>>,
  stored: StoredSet | undefined,
): ReadonlySet<string> {
  const prices = rows.flatMap((row) => {
    const { lastPrice, highPrice, lowPrice } = tickers.get(row.symbol) ?? {}
    if (!lastPrice || !highPrice || !lowPrice) return []
    return { ...row, last: Number(lastPrice), high: Number(highPrice), low: Number(lowPrice) }
  })
  const before = new Map(
    [...(stored?.entries ?? [])].flatMap(([name, { data }]) => {
      const { last_price: last, pegged = false } = data as Pair
      return last ? [[name, { last, isPegged: pegged }] as const] : []
    }),
  )
  return peggedPairs(prices, before)
}

/**
 * Stored pairs that the list does not have: each is kept until the next list, because a row that is missing once may be a
 * fault of the answer. Missing a second time, it is gone.
 */
function missingPairs(pairs: readonly Pair[], lost: readonly LostRow[], stored: StoredSet | undefined) {
  const listed = new Set(pairs.map((pair) => pair.symbol))
  const reasons = new Map(lost.map(({ name, message }) => [name, message]))
  const hasUnnamed = reasons.has(undefined)
  return [...(stored?.entries ?? [])].flatMap(([key, { checkedAt }]) => {
    const reason = reasons.get(key)
    const isMissingAgain = checkedAt < (stored?.checkedAt ?? checkedAt)
    if (listed.has(key) || (isMissingAgain && reason === undefined && !hasUnnamed)) return []
    const message = reason ?? 'expected a row of this stored pair, got none; it is kept until the next list'
    return { key, message }
  })
}

function lostVolumes(
  tradable: readonly Pair[],
  withTicker: ReadonlySet<string>,
  lost: readonly LostRow[],
): readonly LostRow[] {
  const reasons = new Map(lost.map(({ name, message }) => [name, message]))
  return tradable
    .filter((pair) => !withTicker.has(pair.symbol))
    .map((pair) => ({
      name: pair.symbol,
      message: reasons.get(pair.symbol) ?? 'expected a ticker of this pair, got none',
    }))
}
