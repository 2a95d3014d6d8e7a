import { finiteOrNull, type Series } from './series.ts'
import { sma } from './sma.ts'

/**
 * Standard deviation of the last `period` values as a population: the mean square of the distances from their mean,
 * divided by `period`, not by one less.
 *
 * Each window is summed anew, because running sums of squares cancel: the cost is `period` per bar.
 *
 * @param values - oldest first
 * @returns one value per input, exactly 0 for equal values; `null` below index `period − 1` and where the window holds
 *   a `null`
 * @throws {RangeError} when `period` is not a positive integer
 * @see John Bollinger, Bollinger on Bollinger Bands (2001)
 */
export function standardDeviation(values: Series, period: number): Series {
  return sma(values, period).map((mean, index) => {
    if (mean === null) return null
    let squares = 0
    for (let i = index - period + 1; i <= index; i += 1) squares += ((values[i] as number) - mean) ** 2
    return finiteOrNull(Math.sqrt(squares / period))
  })
}
