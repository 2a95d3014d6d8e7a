import type { Candle } from './candles.ts'

const BARS_BEFORE = 20
const TIMES = 1.2

/**
 * Whether the newest bar was traded clearly more than usual: above 1.2 times the mean of the 20 bars before it.
 *
 * @param bars - closed ones, oldest first
 * @returns `null` below 21 bars
 */
export function volumeConfirmation(bars: readonly Pick<Candle, 'volume'>[]): boolean | null {
  const newest = bars.at(-1)
  if (newest === undefined || bars.length <= BARS_BEFORE) return null
  const usual = bars.slice(-1 - BARS_BEFORE, -1).reduce((mean, { volume }) => mean + volume / BARS_BEFORE, 0)
  return newest.volume > TIMES * usual
}
