import type { Candle } from './candles.ts'
import { sma, wilderAverage } from './moving-averages.ts'
import { checkPeriod, combine, finiteOrNull, type Series } from './series.ts'

/**
 * Population standard deviation of the last `period` values: the root of the mean square distance from their mean (divided
 * by `period`, not by `period − 1`).
 *
 * Each window is summed separately, because running sums of squares lose precision by cancellation: the cost is `period`
 * per bar.
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

/** In the unit of the values, except `width`: the distance between the bands as a fraction of the middle. */
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

/**
 * True range: the largest of high − low, |high − previous close| and |low − previous close|.
 *
 * @param bars - oldest first
 * @returns one value per bar in the unit of the prices; `null` for bar 0, which has no previous close
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section III
 */
export function trueRange(bars: readonly Pick<Candle, 'high' | 'low' | 'close'>[]): Series {
  return bars.map(({ high, low }, index) => {
    const previous = bars[index - 1]?.close
    if (previous === undefined) return null
    return finiteOrNull(Math.max(high - low, Math.abs(high - previous), Math.abs(low - previous)))
  })
}

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

/**
 * Percentile rank: 100 times the fraction of the last `period` values, including the current one, that are at or below it.
 *
 * @param values - oldest first; `null`s are not counted
 * @param minCount - smallest number of values in the window; may be less than `period`
 * @returns one value per input, above 0 and at most 100; `null` without a value or with too few
 * @throws {RangeError} when `period` or `minCount` is not a positive integer
 * @see https://en.wikipedia.org/wiki/Percentile_rank
 */
export function percentileRank(values: Series, period: number, minCount: number): Series {
  checkPeriod(period)
  checkPeriod(minCount)
  return values.map((value, index) => {
    if (value === null) return null
    const window = values.slice(Math.max(0, index + 1 - period), index + 1).filter((other) => other !== null)
    if (window.length < minCount) return null
    return (100 * window.filter((other) => other <= value).length) / window.length
  })
}
