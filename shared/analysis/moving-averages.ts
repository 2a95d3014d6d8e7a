import { checkPeriod, finiteOrNull, type Series } from './series.ts'

/**
 * Simple moving average: the mean of the last `period` values.
 *
 * @param values - oldest first
 * @returns one value per input; `null` below index `period − 1` and where the window contains a `null`
 * @throws {RangeError} when `period` is not a positive integer
 * @see John J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9
 */
export function sma(values: Series, period: number): Series {
  return slidingMeans(values, period, 'equal')
}

/**
 * Linearly weighted moving average: weights 1…period, the newest value the heaviest, divided by their sum
 * period·(period + 1)/2.
 *
 * @param values - oldest first
 * @returns one value per input; `null` below index `period − 1` and where the window contains a `null`
 * @throws {RangeError} when `period` is not a positive integer
 * @see John J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9
 */
export function wma(values: Series, period: number): Series {
  return slidingMeans(values, period, 'linear')
}

/**
 * Exponential moving average: starts with the simple average of the first `period` values, then moves by 2/(period + 1)
 * of the distance to each further value.
 *
 * @param values - oldest first; leading `null`s are skipped
 * @returns one value per input; `null` below index `period − 1`, counted from the first value that is not `null`
 * @throws {RangeError} when `period` is not a positive integer
 * @see StockCharts ChartSchool, Moving Averages - Simple and Exponential
 */
export function ema(values: Series, period: number): Series {
  return exponentialMean(values, period, 2 / (period + 1))
}

/**
 * Wilder's average (RMA, SMMA): starts with the simple average of the first `period` values, then
 * (previous·(period − 1) + value)/period.
 *
 * @param values - oldest first; leading `null`s are skipped
 * @returns one value per input; `null` below index `period − 1`, counted from the first value that is not `null`
 * @throws {RangeError} when `period` is not a positive integer
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section III
 */
export function wilderAverage(values: Series, period: number): Series {
  return exponentialMean(values, period, 1 / period)
}

/**
 * A mean with exponentially decreasing weights: starts with the simple mean of the first `period` values, then moves by
 * `weight` times the distance to each further value. The mean of equal values is exact.
 *
 * @param weight - weight of the newest value, above 0 and at most 1
 * @returns one value per input; `null` until `period` consecutive values exist. A `null` in between restarts the count, as
 *   does a mean beyond double precision, which is `null` itself
 * @throws {RangeError} when `period` is not a positive integer
 */
function exponentialMean(values: Series, period: number, weight: number): Series {
  checkPeriod(period)
  const means: (number | null)[] = []
  let mean = 0
  let count = 0
  for (const value of values) {
    if (value !== null) {
      count += 1
      const share = count > period ? weight : 1 / count
      mean = share === 1 ? value : mean + (value - mean) * share
    }
    if (value === null || !Number.isFinite(mean)) count = 0
    means.push(count < period ? null : mean)
  }
  return means
}

/** `equal`: the same weight for every bar; `linear`: weights 1…period, the largest for the newest bar. */
type Weighting = 'equal' | 'linear'

/**
 * The mean of each window of `period` consecutive values, in constant time per bar.
 *
 * It never subtracts: the bars are divided into blocks of `period`, and each window is the end of one block plus the
 * start of the next, so its sum is a suffix sum plus a prefix sum. The rounding error is therefore that of summing the
 * window alone, even after a price that was sixteen digits larger. The mean of a window of equal values is exact, so that a
 * flat series causes no crosses by rounding.
 *
 * @returns one value per input; `null` below index `period − 1`, and where the window contains a `null` or its sum is not
 *   finite
 * @throws {RangeError} when `period` is not a positive integer
 * @see Marcel van Herk, A fast algorithm for local minimum and maximum filters on rectangular and octagonal kernels,
 *   Pattern Recognition Letters 13 (1992), for the cut into blocks
 */
function slidingMeans(values: Series, period: number, weighting: Weighting): Series {
  checkPeriod(period)
  const isLinear = weighting === 'linear'
  const weights = isLinear ? (period * (period + 1)) / 2 : period
  const ends: BlockSums = { sums: new Float64Array(period + 1), linearSums: new Float64Array(period + 1) }
  const means: (number | null)[] = []
  let position = -1
  let sum = 0
  let linearSum = 0
  let present = 0
  let equal = 0
  let previous: number | null = null

  for (const value of values) {
    position += 1
    if (position === period) {
      sumBlock(values, means.length - period, ends)
      position = 0
      sum = 0
      linearSum = 0
    }
    present = value === null ? 0 : present + 1
    equal = value === previous ? equal + 1 : 1
    previous = value
    sum += value ?? 0
    linearSum += (position + 1) * (value ?? 0)
    if (present < period) means.push(null)
    else if (equal >= period) means.push(value)
    else {
      const older = period - 1 - position
      const whole = isLinear
        ? at(ends.linearSums, position + 1) + linearSum + older * sum
        : at(ends.sums, position + 1) + sum
      means.push(finiteOrNull(whole / weights))
    }
  }
  return means
}

/** Suffix sums of one block: from each position to its end; 0 after the end. */
interface BlockSums {
  readonly sums: Float64Array
  /** With weights 1, 2, 3… from that position. */
  readonly linearSums: Float64Array
}

function sumBlock(values: Series, start: number, { sums, linearSums }: BlockSums): void {
  for (let position = sums.length - 2; position >= 0; position -= 1) {
    sums[position] = at(sums, position + 1) + (values[start + position] ?? 0)
    linearSums[position] = at(linearSums, position + 1) + at(sums, position)
  }
}

function at(sums: Float64Array, position: number): number {
  return sums[position] as number
}
