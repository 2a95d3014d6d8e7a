import { checkPeriod, finiteOrNull, type Series } from './series.ts'

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

/**
 * A mean with exponentially fading memory: seeded by the plain mean of the first `period` values, then moved by
 * `weight` of the distance to each next one. Equal values stay exactly what they are.
 *
 * @param weight - the share of the newest value, above 0 and at most 1
 * @returns one value per input; `null` until `period` values in a row are there. A `null` in between begins anew; a
 *   value that leaves double precision is `null` and begins anew too
 * @throws {RangeError} when `period` is not a positive integer
 */
export function exponentialMean(values: Series, period: number, weight: number): Series {
  checkPeriod(period)
  const means: (number | null)[] = []
  let mean = 0
  let seen = 0
  for (const value of values) {
    if (value !== null) {
      seen += 1
      const share = seen > period ? weight : 1 / seen
      mean = share === 1 ? value : mean + (value - mean) * share
    }
    if (value === null || !Number.isFinite(mean)) seen = 0
    means.push(seen < period ? null : mean)
  }
  return means
}

/** `equal`: every bar counts the same; `linear`: weights 1…period, the newest bar the heaviest. */
type Weighting = 'equal' | 'linear'

/**
 * The mean of each window of `period` consecutive values, in constant time per bar.
 *
 * Nothing is ever subtracted: the bars are cut into blocks of `period`, and a window is the end of one block and the
 * start of the next, so that its sum is one sum kept of each. The error therefore stays that of summing the window
 * alone, whatever passed before it: a price that fell by sixteen digits leaves no dust behind. A window of equal values
 * has exactly that value as its mean, so that a flat stretch makes no crosses out of rounding.
 *
 * @returns one value per input; `null` below index `period − 1`, and wherever the window holds a `null` or its sum is
 *   not finite
 * @throws {RangeError} when `period` is not a positive integer
 * @see Marcel van Herk, A fast algorithm for local minimum and maximum filters on rectangular and octagonal kernels,
 *   Pattern Recognition Letters 13 (1992), for the cut into blocks
 */
export function slidingMeans(values: Series, period: number, weighting: Weighting): Series {
  checkPeriod(period)
  const isLinear = weighting === 'linear'
  const weights = isLinear ? (period * (period + 1)) / 2 : period
  const ends: BlockSums = { sums: new Float64Array(period + 1), linearSums: new Float64Array(period + 1) }
  const means: (number | null)[] = []
  let place = -1
  let sum = 0
  let linearSum = 0
  let present = 0
  let equal = 0
  let before: number | null = null

  for (const value of values) {
    place += 1
    if (place === period) {
      sumBlock(values, means.length - period, ends)
      place = 0
      sum = 0
      linearSum = 0
    }
    present = value === null ? 0 : present + 1
    equal = value === before ? equal + 1 : 1
    before = value
    sum += value ?? 0
    linearSum += (place + 1) * (value ?? 0)
    if (present < period) means.push(null)
    else if (equal >= period) means.push(value)
    else {
      const older = period - 1 - place
      const whole = isLinear
        ? at(ends.linearSums, place + 1) + linearSum + older * sum
        : at(ends.sums, place + 1) + sum
      means.push(finiteOrNull(whole / weights))
    }
  }
  return means
}

/** Of one block, what its last values add up to: from each place to its end; 0 behind the end. */
interface BlockSums {
  readonly sums: Float64Array
  /** With weights 1, 2, 3… beginning at that place. */
  readonly linearSums: Float64Array
}

function sumBlock(values: Series, start: number, { sums, linearSums }: BlockSums): void {
  for (let place = sums.length - 2; place >= 0; place -= 1) {
    sums[place] = at(sums, place + 1) + (values[start + place] ?? 0)
    linearSums[place] = at(linearSums, place + 1) + at(sums, place)
  }
}

function at(sums: Float64Array, place: number): number {
  return sums[place] as number
}
