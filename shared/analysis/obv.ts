import type { Candle } from './candles.ts'
import { finiteOrNull, type Series } from './series.ts'

/**
 * On-balance volume: begins at 0; a higher close adds the bar's volume, a lower one takes it away, an equal one leaves
 * it. The first bar's volume counts for neither side.
 *
 * @param bars - oldest first
 * @returns one value per bar in the unit of the volumes
 * @see Joseph E. Granville, Granville's New Key to Stock Market Profits (1963)
 */
export function obv(bars: readonly Pick<Candle, 'close' | 'volume'>[]): Series {
  let balance = 0
  return bars.map(({ close, volume }, index) => {
    balance += Math.sign(close - (bars[index - 1]?.close ?? close)) * volume
    return finiteOrNull(balance)
  })
}
