import type { DailyBar } from '#shared/domain/daily-bar.ts'

/** Prices at which the market turned, oldest first, in the quoted unit. */
interface Levels {
  readonly support: readonly number[]
  readonly resistance: readonly number[]
}

const WINDOW_BARS = 60
const BARS_BESIDE = 2
const MAX_LEVELS = 3

/** The fewest bars among which one has two neighbours on both sides. */
export const LEVELS_BARS_NEEDED = 2 * BARS_BESIDE + 1

/**
 * Support and resistance: among the last 60 bars, the lows (highs) that are the smallest (largest) of the five bars
 * centred on them. The three newest of each.
 *
 * @param bars - oldest first
 * @see John J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 4
 */
export function levelsOf(bars: readonly DailyBar[]): Levels {
  const window = bars.slice(-WINDOW_BARS)
  const lows = window.map(({ low }) => low)
  const highs = window.map(({ high }) => high)
  return { support: turningPrices(lows, Math.min), resistance: turningPrices(highs, Math.max) }
}

function turningPrices(
  prices: readonly number[],
  extreme: (...values: readonly number[]) => number,
): readonly number[] {
  const turns = prices.filter((price, index) => {
    const around = prices.slice(Math.max(0, index - BARS_BESIDE), index + BARS_BESIDE + 1)
    return around.length === LEVELS_BARS_NEEDED && price === extreme(...around)
  })
  return turns.slice(-MAX_LEVELS)
}
