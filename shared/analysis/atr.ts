import type { Candle } from './candles.ts'
import type { Series } from './series.ts'
import { trueRange } from './true-range.ts'
import { wilderAverage } from './wilder-average.ts'

/**
 * Average true range: Wilder's average of the true ranges of bars 1 and later.
 *
 * @param bars - oldest first
 * @returns one value per bar in the unit of the prices; `null` below index `period`
 * @throws {RangeError} when `period` is not a positive integer
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section III
 */
export function atr(bars: readonly Pick<Candle, 'high' | 'low' | 'close'>[], period = 14): Series {
  return wilderAverage(trueRange(bars), period)
}
