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

const VOLUME_BARS = 20
const VOLUME_FACTOR = 1.2

/**
 * Whether the newest bar was traded clearly more than usual: above 1.2 times the mean of the 20 bars before it.
 *
 * @param bars - closed ones, oldest first
 * @returns `null` below 21 bars
 */
export function volumeConfirmation(bars: readonly Pick<Candle, 'volume'>[]): boolean | null {
  const newest = bars.at(-1)
  if (newest === undefined || bars.length <= VOLUME_BARS) return null
  const usual = bars.slice(-1 - VOLUME_BARS, -1).reduce((mean, { volume }) => mean + volume / VOLUME_BARS, 0)
  return newest.volume > VOLUME_FACTOR * usual
}
