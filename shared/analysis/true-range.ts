import type { Candle } from './candles.ts'
import { finiteOrNull, type Series } from './series.ts'

/**
 * True range: the farthest a price went, from the close before to the high or low of the bar.
 *
 * @param bars - oldest first
 * @returns one value per bar in the unit of the prices; `null` for bar 0, which has no close before it
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section III
 */
export function trueRange(bars: readonly Pick<Candle, 'high' | 'low' | 'close'>[]): Series {
  return bars.map(({ high, low }, index) => {
    const before = bars[index - 1]?.close
    if (before === undefined) return null
    return finiteOrNull(Math.max(high - low, Math.abs(high - before), Math.abs(low - before)))
  })
}
