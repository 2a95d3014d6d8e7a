import * as z from 'zod/mini'
import { DAY_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { instant, orNull, percentChange, positiveAmount, price, symbol } from '#shared/upstreams/fields.ts'
import { pricesFault } from '#shared/upstreams/prices.ts'
import { type Rows, readRows, withoutFaults } from '#shared/upstreams/rows.ts'

/** The figures of a pair for 24 hours; prices in the quote asset. */
export interface Ticker {
  readonly symbol: string
  readonly lastPrice: number
  readonly openPrice: number
  readonly highPrice: number
  readonly lowPrice: number
  /** Of `lastPrice` against `openPrice`, in percent. */
  readonly priceChangePercent: number
  readonly quoteVolume: number
  /** The end of the 24 hours; milliseconds since the epoch. */
  readonly closeTime: number
}

/** Nothing rises a millionfold in a day. */
const MAX_CHANGE_PERCENT = 1e8

const tickerRow = (now: number) =>
  z.object({
    symbol: symbol(),
    lastPrice: price('text'),
    openPrice: price('text'),
    highPrice: price('text'),
    lowPrice: price('text'),
    priceChangePercent: percentChange('text', MAX_CHANGE_PERCENT),
    quoteVolume: positiveAmount('text'),
    bidPrice: orNull(price('text')),
    askPrice: orNull(price('text')),
    closeTime: instant({
      form: 'number',
      unit: 'ms',
      now,
      maxPastMs: DAY_MS,
      maxAheadMs: 5 * MINUTE_MS,
    }),
  })

type Row = z.infer<ReturnType<typeof tickerRow>>

/** The tickers of the listed pairs. */
export interface Tickers extends Rows<Ticker> {
  /** Pairs without a trade in 24 hours: they have no current price. */
  readonly untraded: number
  /** The end of the newest 24 hours, milliseconds since the epoch; 0 without any row. */
  readonly newestAt: number
}

/**
 * The tickers of listed pairs. Lost are rows that cannot be read, whose figures contradict each other, or whose 24 hours
 * ended long before those of the newest row, and listed pairs without a row.
 *
 * @param listed - the symbols of the pairs
 * @throws for a body that is not a list of objects
 */
export function parseTickers(body: unknown, listed: ReadonlySet<string>, now: number): Tickers {
  const list = z.array(z.looseObject({})).parse(body)
  const raw = list.filter((row) => listed.has(String(memberOf(row, 'symbol'))))
  const traded = raw.filter((row) => !isUntraded(row))
  const parsed = readRows(traded, tickerRow(now), ({ symbol }) => symbol)
  const newestAt = Math.max(0, ...parsed.rows.map(({ closeTime }) => closeTime))
  const { rows, lost } = withoutFaults(
    parsed,
    (row) => figuresFault(row) ?? windowFault(row, newestAt),
    ({ symbol }) => symbol,
  )
  const present = new Set(raw.map((row) => memberOf(row, 'symbol')))
  const absent = [...listed]
    .filter((name) => !present.has(name))
    .map((name) => ({ name, message: 'expected a ticker of this pair, got none' }))
  return {
    rows: rows.map(toTicker),
    lost: [...lost, ...absent],
    untraded: raw.length - traded.length,
    newestAt,
  }
}

function memberOf(row: unknown, name: string): unknown {
  return (row as Readonly<Record<string, unknown>> | null | undefined)?.[name]
}

const ZERO = /^0(?:\.0*)?$/

/** Whether nothing was traded in 24 hours: no volume, and no range of prices. */
function isUntraded(row: unknown): boolean {
  const volume = memberOf(row, 'quoteVolume')
  const isWithoutVolume = typeof volume === 'string' && ZERO.test(volume)
  return isWithoutVolume && memberOf(row, 'highPrice') === memberOf(row, 'lowPrice')
}

/** Tolerance between the exchange's percentage and that of the two rounded prices; percentage points. */
const MAX_DIFFERENCE = 0.1

/** Which figures of a row contradict each other; `undefined` if none do. */
function figuresFault(row: Row): string | undefined {
  const [last, open, high, low] = [row.lastPrice, row.openPrice, row.highPrice, row.lowPrice].map(Number) as [
    number,
    number,
    number,
    number,
  ]
  if (low > last || last > high) return `expected a last price from ${low} to ${high}, got ${last}`
  if (low > open || open > high) return `expected an open price from ${low} to ${high}, got ${open}`
  const change = (last / open - 1) * 100
  const tolerance = MAX_DIFFERENCE * Math.max(1, Math.abs(change) / 100)
  if (Math.abs(change - Number(row.priceChangePercent)) > tolerance)
    return `expected a change of ${change.toFixed(2)} % by the prices, got ${row.priceChangePercent}`
  return pricesFault({ bid: row.bidPrice, ask: row.askPrice, last: row.lastPrice })
}

/** Rows of one answer end within seconds of each other; rows of pairs that are not traded any more stay behind. */
const MAX_BEHIND_MS = 30 * MINUTE_MS

function windowFault({ closeTime }: Row, newestAt: number): string | undefined {
  return newestAt - closeTime <= MAX_BEHIND_MS
    ? undefined
    : `expected 24 hours that end with those of the other pairs, got an end at ${isoSeconds(closeTime)}`
}

function toTicker(row: Row): Ticker {
  return {
    symbol: row.symbol,
    lastPrice: Number(row.lastPrice),
    openPrice: Number(row.openPrice),
    highPrice: Number(row.highPrice),
    lowPrice: Number(row.lowPrice),
    priceChangePercent: Number(row.priceChangePercent),
    quoteVolume: Number(row.quoteVolume),
    closeTime: row.closeTime,
  }
}
