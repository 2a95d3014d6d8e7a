import type { Candle } from '#shared/analysis/candles.ts'

/** Members of a bar that are used; what follows is not to be relied on. */
const OPEN_TIME = 0
const OPEN = 1
const HIGH = 2
const LOW = 3
const CLOSE = 4
const VOLUME = 5
const CLOSE_TIME = 6
const QUOTE_VOLUME = 7

const DECIMAL = /^\d+(?:\.\d+)?$/

/**
 * Bars as the exchange lists them, oldest first: each a list of open time, four prices, volume, close time and quote
 * volume, prices and volumes written as text. Read by hand, because a run reads eight thousand numbers a symbol.
 *
 * @throws {TypeError} naming the bar and the member, with expected and got
 */
export function parseCandles(body: unknown): readonly Candle[] {
  if (!Array.isArray(body)) throw new TypeError('expected a list of bars')
  return body.map((bar: unknown, index): Candle => {
    if (!Array.isArray(bar)) throw new TypeError(`bar ${index}: expected a list, got ${typeof bar}`)
    return {
      openTime: timeAt(bar, OPEN_TIME, index),
      closeTime: timeAt(bar, CLOSE_TIME, index),
      open: decimalAt(bar, OPEN, index),
      high: decimalAt(bar, HIGH, index),
      low: decimalAt(bar, LOW, index),
      close: decimalAt(bar, CLOSE, index),
      volume: decimalAt(bar, VOLUME, index),
      quoteVolume: decimalAt(bar, QUOTE_VOLUME, index),
    }
  })
}

function decimalAt(bar: readonly unknown[], member: number, index: number): number {
  const text = bar[member]
  if (typeof text === 'string' && DECIMAL.test(text)) return Number(text)
  throw new TypeError(
    `bar ${index}, member ${member}: expected a decimal as text, got ${JSON.stringify(text)?.slice(0, 40)}`,
  )
}

function timeAt(bar: readonly unknown[], member: number, index: number): number {
  const value = bar[member]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new TypeError(
    `bar ${index}, member ${member}: expected whole milliseconds, got ${JSON.stringify(value)?.slice(0, 40)}`,
  )
}
