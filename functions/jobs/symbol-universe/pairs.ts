import * as z from 'zod/mini'
import { peggedPairs } from '#shared/analysis/pegged.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { StoredSet } from '#shared/domain/records/snapshot.ts'
import {
  amount,
  instant,
  orNull,
  orNullIfZero,
  price,
  rowList,
  symbol,
  word,
} from '#shared/upstreams/fields.ts'
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
  /** The last list was the first one with this pair. */
  readonly is_new?: true
}

/** The exchange's pairs, compared with the stored ones. */
export interface PairList {
  /** The exchange's time; milliseconds since the epoch. */
  readonly at: number
  readonly pairs: readonly Pair[]
  /** Stored pairs that the list does not have, or whose row cannot be read. */
  readonly missing: readonly { readonly key: string; readonly message: string }[]
  /** Other rows that cannot be read, and tickers that are missing. */
  readonly lost: readonly LostRow[]
  /** Number of tradable pairs against USDT, and of those with a ticker. */
  readonly tradable: number
  readonly withTicker: number
}

const MAX_CLOCK_SKEW_MS = 5 * MINUTE_MS

/** The 24 hours of a pair that is traded ended seconds ago. */
const MAX_AGE_MS = 30 * MINUTE_MS

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

/** The exchange names a pair after its assets. */
const pairRow = z.object({ symbol: symbol(), status: word(), baseAsset: word(), quoteAsset: word() }).check(
  z.refine((pair) => pair.symbol === `${pair.baseAsset}${pair.quoteAsset}`, {
    error: 'expected the name of a pair to be that of its assets',
  }),
)

/** A pair that is not traded has prices of 0. A volume of 24 hours that ended long ago is not that of today. */
const tickerRow = (now: number) =>
  z.object({
    symbol: symbol(),
    quoteVolume: amount('text'),
    lastPrice: orNullIfZero(price('text')),
    highPrice: orNullIfZero(price('text')),
    lowPrice: orNullIfZero(price('text')),
    closeTime: orNull(
      instant({ form: 'number', unit: 'ms', now, maxPastMs: MAX_AGE_MS, maxAheadMs: MAX_CLOCK_SKEW_MS }),
    ),
  })

type TickerRow = z.infer<ReturnType<typeof tickerRow>>

const TRADING = 'TRADING'

/**
 * Reads the list of pairs and the list of their tickers.
 *
 * @throws for bodies that are not such lists, and for an empty list of tickers
 */
export function readPairs(
  info: unknown,
  ticker: unknown,
  stored: StoredSet | undefined,
  now: number,
): PairList {
  const { serverTime, symbols } = exchangeInfo(now).parse(info)
  const listed = readRows(symbols, pairRow, (row) => row.symbol)
  const tickers = readRows(rowList().parse(ticker), tickerRow(now), (row) => row.symbol)
  if (tickers.rows.length + tickers.lost.length === 0)
    throw new TypeError('expected a list with tickers, got an empty list')
  const pairs = joinedPairs(listed.rows, tickers.rows, stored)
  const missing = missingPairs(pairs, listed.lost, stored)
  const missingKeys = new Set(missing.map(({ key }) => key))
  const withTicker = new Set(tickers.rows.map((row) => row.symbol))
  const trading = pairs.filter(({ status }) => status === TRADING)
  const tradable = trading.filter(({ quote_asset: quote }) => quote === 'USDT')
  return {
    at: serverTime,
    pairs,
    missing,
    lost: [
      ...listed.lost.filter(({ name }) => name === undefined || !missingKeys.has(name)),
      ...lostTickers(trading, withTicker, tickers.lost),
    ],
    tradable: tradable.length,
    withTicker: tradable.filter((pair) => withTicker.has(pair.symbol)).length,
  }
}

/** The stored record of a pair. */
export function storedPair(stored: StoredSet | undefined, key: string): Pair | undefined {
  return stored?.entries.get(key)?.data as Pair | undefined
}

/** The listed pairs with their volumes and prices; a pair without a readable ticker keeps its stored volume. */
function joinedPairs(
  rows: readonly z.infer<typeof pairRow>[],
  tickers: readonly TickerRow[],
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
      ...(stored && !before ? { is_new: true as const } : {}),
    }
  })
}

/** Whether a pair has a volume, but no price. */
export function isWithoutPrice({ status, quote_volume: volume, last_price: last }: Pair): boolean {
  return status === TRADING && volume !== null && volume > 0 && last === null
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text)
}

function peggedSymbols(
  rows: readonly z.infer<typeof pairRow>[],
  tickers: ReadonlyMap<string, TickerRow>,
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
 * fault of the answer. Missing a second time, it is gone; so is one that only the last list had.
 */
function missingPairs(pairs: readonly Pair[], lost: readonly LostRow[], stored: StoredSet | undefined) {
  const listed = new Set(pairs.map((pair) => pair.symbol))
  const reasons = new Map(lost.map(({ name, message }) => [name, message]))
  const hasUnnamed = reasons.has(undefined)
  return [...(stored?.entries ?? [])].flatMap(([key, { checkedAt, data }]) => {
    const reason = reasons.get(key)
    const isMissingAgain = checkedAt < (stored?.checkedAt ?? checkedAt)
    const isGone = (isMissingAgain || (data as Pair).is_new === true) && reason === undefined && !hasUnnamed
    if (listed.has(key) || isGone) return []
    const message = reason ?? 'expected a row of this stored pair, got none; it is kept until the next list'
    return { key, message }
  })
}

function lostTickers(
  trading: readonly Pair[],
  withTicker: ReadonlySet<string>,
  lost: readonly LostRow[],
): readonly LostRow[] {
  const reasons = new Map(lost.map(({ name, message }) => [name, message]))
  return trading
    .filter((pair) => !withTicker.has(pair.symbol))
    .map((pair) => ({
      name: pair.symbol,
      message: reasons.get(pair.symbol) ?? 'expected a ticker of this pair, got none',
    }))
}
