import type { Candle } from './candles.ts'

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
