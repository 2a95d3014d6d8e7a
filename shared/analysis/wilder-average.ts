import { exponentialMean } from './exponential-mean.ts'
import type { Series } from './series.ts'

/**
 * Wilder's average (RMA, SMMA): seeded by the simple average of the first `period` values, then
 * (previous·(period − 1) + value)/period.
 *
 * @param values - oldest first; leading `null`s are skipped
 * @returns one value per input; `null` below index `period − 1`, counted from the first value that is there
 * @throws {RangeError} when `period` is not a positive integer
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section III
 */
export function wilderAverage(values: Series, period: number): Series {
  return exponentialMean(values, period, 1 / period)
}
