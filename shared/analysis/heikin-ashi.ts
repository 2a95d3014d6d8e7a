import { bodyMiddle, ohlc4, type Prices } from './bar-prices.ts'

/**
 * Heikin-Ashi candles: close (o + h + l + c)/4; open the middle of the previous Heikin-Ashi candle's body, of the first
 * bar's own body at the start; high and low reach as far as the bar and that body together.
 *
 * @param bars - oldest first
 * @returns one candle per bar
 * @see Dan Valcu, Using the Heikin-Ashi Technique, Technical Analysis of Stocks & Commodities 22 (2004)
 */
export function heikinAshi(bars: readonly Prices[]): readonly Prices[] {
  let before: Pick<Prices, 'open' | 'close'> | undefined
  return bars.map((bar) => {
    const open = bodyMiddle(before ?? bar)
    const close = ohlc4(bar)
    before = { open, close }
    return { open, high: Math.max(bar.high, open, close), low: Math.min(bar.low, open, close), close }
  })
}
