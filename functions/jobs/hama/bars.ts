import { type Candle, pricesFault } from '#shared/analysis/candles.ts'
import { BAR_MS } from '#shared/analysis/hama.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { shown } from '#shared/domain/text.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { isAmount, isPrice } from '#shared/upstreams/fields.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'

/** Indices of the members of a bar. */
const OPEN_TIME = 0
const OPEN = 1
const HIGH = 2
const LOW = 3
const CLOSE = 4
const VOLUME = 5
const CLOSE_TIME = 6
const QUOTE_VOLUME = 7

/** A list with more unusable bars is not believed. */
const MAX_LOST_SHARE = 0.1

const MAX_AHEAD_MS = 5 * MINUTE_MS

interface Bars {
  /** Valid bars on the 15-minute grid, oldest first. */
  readonly candles: readonly Candle[]
  readonly lost: readonly LostRow[]
}

/**
 * Parses the exchange's list of bars, oldest first: each a list of open time, four prices, volume, close time and quote
 * volume, with prices and volumes as text. A bar is lost if a member cannot be read or is beyond its bounds, if its prices
 * contradict each other, and if it is not on the grid of 15 minutes or not after the bar before. Without a schema library,
 * because a run parses eight thousand numbers a symbol.
 *
 * @throws {TypeError} for a body that is not a list, and when more than a tenth of its bars are lost
 */
export function parseBars(body: unknown, now: number): Bars {
  if (!Array.isArray(body)) throw new TypeError('expected a list of bars')
  const candles: Candle[] = []
  const lost: LostRow[] = []
  let previousOpenTime = Number.NEGATIVE_INFINITY
  for (const [index, bar] of body.entries()) {
    const candle = parseBar(bar, now)
    const fault = typeof candle === 'string' ? candle : orderFault(candle, previousOpenTime)
    if (typeof candle === 'string' || fault !== undefined) {
      lost.push({ name: `bar ${barName(bar, index)}`, message: String(fault) })
      continue
    }
    candles.push(candle)
    previousOpenTime = candle.openTime
  }
  const [first] = lost
  if (first && lost.length > MAX_LOST_SHARE * body.length)
    throw new TypeError(
      `expected at most a tenth of ${body.length} bars to be unusable, got ${lost.length}; ${first.name}: ${first.message}`,
    )
  return { candles, lost }
}

function orderFault({ openTime }: Candle, previousOpenTime: number): string | undefined {
  return openTime > previousOpenTime
    ? undefined
    : 'expected a bar after the one before, got an earlier or equal one'
}

/** The bar, or why it cannot be used. */
function parseBar(bar: unknown, now: number): Candle | string {
  if (!Array.isArray(bar)) return `expected a list, got ${shown(bar)}`
  const candle: Candle = {
    openTime: timeAt(bar, OPEN_TIME),
    closeTime: timeAt(bar, CLOSE_TIME),
    open: decimalAt(bar, OPEN),
    high: decimalAt(bar, HIGH),
    low: decimalAt(bar, LOW),
    close: decimalAt(bar, CLOSE),
    volume: decimalAt(bar, VOLUME),
    quoteVolume: decimalAt(bar, QUOTE_VOLUME),
  }
  return boundsFault(candle, bar) ?? gridFault(candle, now) ?? pricesFault(candle) ?? candle
}

function boundsFault({ open, high, low, close, volume, quoteVolume }: Candle, bar: readonly unknown[]) {
  if (
    isPrice(open) &&
    isPrice(high) &&
    isPrice(low) &&
    isPrice(close) &&
    isAmount(volume) &&
    isAmount(quoteVolume)
  )
    return undefined
  return `expected prices and volumes as text within their bounds, got ${shown(bar.slice(OPEN, QUOTE_VOLUME + 1))}`
}

function gridFault({ openTime, closeTime }: Candle, now: number): string | undefined {
  if (openTime % BAR_MS !== 0) return `expected an open time on the grid of 15 minutes, got ${openTime}`
  if (closeTime !== openTime + BAR_MS - 1)
    return `expected a close time at the end of the bar, got ${closeTime}`
  return openTime <= now + MAX_AHEAD_MS ? undefined : `expected a bar of the past, got one of ${openTime}`
}

const DECIMAL = /^\d+(?:\.\d+)?$/

/** NaN for anything but a decimal as text; NaN is within no bounds. */
function decimalAt(bar: readonly unknown[], member: number): number {
  const text = bar[member]
  return typeof text === 'string' && DECIMAL.test(text) ? Number(text) : Number.NaN
}

/** NaN for anything but whole milliseconds; NaN is on no grid. */
function timeAt(bar: readonly unknown[], member: number): number {
  const value = bar[member]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : Number.NaN
}

/** The open time of a bar for messages, or its index if that cannot be read. */
function barName(bar: unknown, index: number): string {
  const openTime = Array.isArray(bar) ? timeAt(bar, OPEN_TIME) : Number.NaN
  return Math.abs(openTime) < 8.64e15 ? isoSeconds(openTime) : String(index)
}
