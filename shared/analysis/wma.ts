import type { Series } from './series.ts'
import { slidingMeans } from './sliding-means.ts'

/**
 * Linearly weighted moving average: weights 1…period, the newest value the heaviest, divided by their sum
 * period·(period + 1)/2.
 *
 * @param values - oldest first
 * @returns one value per input; `null` below index `period − 1` and where the window holds a `null`
 * @throws {RangeError} when `period` is not a positive integer
 * @see John J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9
 */
export function wma(values: Series, period: number): Series {
  return slidingMeans(values, period, 'linear')
}
