import type { Candle } from './candles.ts'
import { finiteOrNull, type Series } from './series.ts'

/**
 * On-balance volume: starts at 0; a higher close adds the bar's volume, a lower one subtracts it, an equal one leaves it
 * unchanged. The first bar's volume is ignored.
 *
 * @param bars - oldest first; a volume may be absent
 * @returns one value per bar in the unit of the volumes; `null` from the first changed close on whose volume is absent
 * @see Joseph E. Granville, Granville's New Key to Stock Market Profits (1963)
 */
export function obv(bars: readonly { readonly close: number; readonly volume: number | null }[]): Series {
  let balance = 0
  return bars.map(({ close, volume }, index) => {
    const direction = Math.sign(close - (bars[index - 1]?.close ?? close))
    if (direction !== 0) balance += direction * (volume ?? Number.NaN)
    return finiteOrNull(balance)
  })
}

const VOLUME_BARS = 20
const VOLUME_FACTOR = 1.2

/**
 * Whether the volume of the newest bar is above 1.2 times the mean of the 20 bars before it.
 *
 * @param bars - closed bars, oldest first
 * @returns `null` with fewer than 21 bars
 */
export function volumeConfirmation(bars: readonly Pick<Candle, 'volume'>[]): boolean | null {
  const newest = bars.at(-1)
  if (newest === undefined || bars.length <= VOLUME_BARS) return null
  const usual = bars.slice(-1 - VOLUME_BARS, -1).reduce((mean, { volume }) => mean + volume / VOLUME_BARS, 0)
  return newest.volume > VOLUME_FACTOR * usual
}
