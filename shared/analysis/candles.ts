/** One bar of trading. Times in milliseconds since the Unix epoch; prices and `quoteVolume` in the quote asset. */
export interface Candle {
  readonly openTime: number
  /** The bar's last millisecond. */
  readonly closeTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** In the base asset; 0 without trades. */
  readonly volume: number
  readonly quoteVolume: number
}

/**
 * Refuses a series with an invalid bar.
 *
 * @throws {RangeError} naming the bar: a time that is not a whole millisecond, an openTime that is not after the previous
 *   one, a closeTime that is not after its openTime, a price that is not positive and finite, a volume that is negative or
 *   not finite, a high below its low
 */
export function checkCandles(candles: readonly Candle[]): void {
  let previousOpenTime = Number.NEGATIVE_INFINITY
  candles.forEach((candle, index) => {
    const fault =
      orderFault(candle, previousOpenTime) ?? timeFault(candle) ?? priceFault(candle) ?? volumeFault(candle)
    if (fault !== undefined) throw new RangeError(`bar ${index} (openTime ${candle.openTime}): ${fault}`)
    previousOpenTime = candle.openTime
  })
}

/**
 * Separates the closed bars from the running one.
 *
 * @param candles - oldest first
 * @param now - milliseconds since the epoch; a bar is closed once its closeTime is reached
 * @returns `running` is the newest bar if it is not closed, else `undefined`
 */
export function splitRunning(
  candles: readonly Candle[],
  now: number,
): { readonly closed: readonly Candle[]; readonly running: Candle | undefined } {
  const first = candles.findIndex(({ closeTime }) => closeTime > now)
  if (first < 0) return { closed: candles, running: undefined }
  return { closed: candles.slice(0, first), running: candles.at(-1) }
}

/** The number of bars that are missing between the first and the last one, on a grid of `stepMs`. */
export function countGaps(candles: readonly Candle[], stepMs: number): number {
  const [first] = candles
  const last = candles.at(-1)
  if (!first || !last) return 0
  return Math.max(0, Math.round((last.openTime - first.openTime) / stepMs) + 1 - candles.length)
}

/** Which prices of a bar contradict each other; `undefined` for a bar whose open and close lie between low and high. */
export function pricesFault({ open, high, low, close }: Prices): string | undefined {
  if (high < low) return `expected a high at or above the low of ${low}, got ${high}`
  if (open < low || open > high) return `expected an open from ${low} to ${high}, got ${open}`
  return close < low || close > high ? `expected a close from ${low} to ${high}, got ${close}` : undefined
}

function orderFault({ openTime }: Candle, previousOpenTime: number): string | undefined {
  return openTime <= previousOpenTime ? `expected a later openTime than ${previousOpenTime}` : undefined
}

function timeFault({ openTime, closeTime }: Candle): string | undefined {
  if (!Number.isSafeInteger(openTime) || !Number.isSafeInteger(closeTime)) {
    return `expected times in whole milliseconds, got ${openTime} and ${closeTime}`
  }
  return closeTime <= openTime ? `expected a closeTime after openTime, got ${closeTime}` : undefined
}

function priceFault({ open, high, low, close }: Candle): string | undefined {
  if (!isPrice(open)) return `expected a positive open, got ${open}`
  if (!isPrice(high)) return `expected a positive high, got ${high}`
  if (!isPrice(low)) return `expected a positive low, got ${low}`
  if (!isPrice(close)) return `expected a positive close, got ${close}`
  return high < low ? `expected a high at or above the low of ${low}, got ${high}` : undefined
}

function volumeFault({ volume, quoteVolume }: Candle): string | undefined {
  if (!isVolume(volume)) return `expected a volume of 0 or more, got ${volume}`
  return isVolume(quoteVolume) ? undefined : `expected a quoteVolume of 0 or more, got ${quoteVolume}`
}

function isPrice(value: number): boolean {
  return Number.isFinite(value) && value > 0
}

function isVolume(value: number): boolean {
  return Number.isFinite(value) && value >= 0
}

/** A bar's four prices. */
export type Prices = Pick<Candle, 'open' | 'high' | 'low' | 'close'>

/** The mean of a bar's four prices; exact if all four are equal. */
export function ohlc4({ open, high, low, close }: Prices): number {
  return (open + close + (high + low)) / 4
}

/** The mean of a bar's open and close. */
export function bodyMiddle({ open, close }: Pick<Prices, 'open' | 'close'>): number {
  return (open + close) / 2
}

/**
 * Heikin-Ashi candles: close is (o + h + l + c)/4; open is the mean of the previous Heikin-Ashi candle's open and close
 * (for the first bar, of its own); high and low are the extremes of the bar and of that open and close.
 *
 * @param bars - oldest first
 * @returns one candle per bar
 * @see Dan Valcu, Using the Heikin-Ashi Technique, Technical Analysis of Stocks & Commodities 22 (2004)
 */
export function heikinAshi(bars: readonly Prices[]): readonly Prices[] {
  let previous: Pick<Prices, 'open' | 'close'> | undefined
  return bars.map((bar) => {
    const open = bodyMiddle(previous ?? bar)
    const close = ohlc4(bar)
    previous = { open, close }
    return { open, high: Math.max(bar.high, open, close), low: Math.min(bar.low, open, close), close }
  })
}
