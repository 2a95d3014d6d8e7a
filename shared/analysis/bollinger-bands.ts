import { combine, type Series } from './series.ts'
import { sma } from './sma.ts'
import { standardDeviation } from './standard-deviation.ts'

/** In the unit of the values but for `width`: the distance of the bands as a share of the middle. */
interface BollingerBands {
  readonly upper: Series
  readonly middle: Series
  readonly lower: Series
  readonly width: Series
}

/**
 * Bollinger bands: the simple moving average, and `deviations` population standard deviations above and below it.
 *
 * @param values - oldest first
 * @returns one value per input; `null` below index `period − 1`; `width` also where the middle is 0
 * @throws {RangeError} when `period` is not a positive integer
 * @see John Bollinger, Bollinger on Bollinger Bands (2001)
 */
export function bollingerBands(values: Series, period: number, deviations = 2): BollingerBands {
  const middle = sma(values, period)
  const sigma = standardDeviation(values, period)
  const upper = combine(middle, sigma, (mean, deviation) => mean + deviations * deviation)
  const lower = combine(middle, sigma, (mean, deviation) => mean - deviations * deviation)
  const width = combine(
    combine(upper, lower, (above, below) => above - below),
    middle,
    (spread, mean) => spread / mean,
  )
  return { upper, middle, lower, width }
}
