import type { Series } from './series.ts'
import { slidingMeans } from './sliding-means.ts'

/**
 * Simple moving average: the mean of the last `period` values.
 *
 * @param values - oldest first
 * @returns one value per input; `null` below index `period − 1` and where the window holds a `null`
 * @throws {RangeError} when `period` is not a positive integer
 * @see John J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9
 */
export function sma(values: Series, period: number): Series {
  return slidingMeans(values, period, 'equal')
}
