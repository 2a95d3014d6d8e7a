import { exponentialMean } from './exponential-mean.ts'
import type { Series } from './series.ts'

/**
 * Exponential moving average: seeded by the simple average of the first `period` values, then moved by 2/(period + 1)
 * of the distance to each next one.
 *
 * @param values - oldest first; leading `null`s are skipped
 * @returns one value per input; `null` below index `period − 1`, counted from the first value that is there
 * @throws {RangeError} when `period` is not a positive integer
 * @see StockCharts ChartSchool, Moving Averages - Simple and Exponential
 */
export function ema(values: Series, period: number): Series {
  return exponentialMean(values, period, 2 / (period + 1))
}
