import { ema, wilderAverage } from './moving-averages.ts'
import { combine, finiteOrNull, type Series, valueAt } from './series.ts'

/**
 * Relative strength index with Wilder's smoothing: 100·gain/(gain + loss) of the averaged rises and falls.
 *
 * @param closes - closing prices, oldest first
 * @returns one value per close, 0…100; `null` below index `period`; 100 without falls, 50 without changes
 * @throws {RangeError} when `period` is not a positive integer
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section VI
 */
export function rsi(closes: readonly number[], period = 14): Series {
  const changes = closes.map((close, index) => {
    const previous = closes[index - 1]
    return previous === undefined ? null : finiteOrNull(close - previous)
  })
  const gains = changes.map((change) => (change === null ? null : Math.max(change, 0)))
  const losses = changes.map((change) => (change === null ? null : Math.max(-change, 0)))
  return combine(wilderAverage(gains, period), wilderAverage(losses, period), (gain, loss) =>
    gain === 0 && loss === 0 ? 50 : (100 * gain) / (gain + loss),
  )
}

/** All three series in the unit of the closes. */
interface Macd {
  readonly macd: Series
  readonly signal: Series
  readonly histogram: Series
}

/** Lengths of the averages in bars; `fast` is the shorter one. */
interface MacdPeriods {
  readonly fast: number
  readonly slow: number
  readonly signal: number
}

/**
 * Moving average convergence/divergence: the fast EMA minus the slow one; its EMA as the signal; the difference of both as
 * the histogram. The seed of each EMA is the simple average of its first values.
 *
 * @param closes - closing prices, oldest first
 * @returns one value per close; `macd` from index `slow − 1`, the others from `slow + signal − 2`
 * @throws {RangeError} when a period is not a positive integer
 * @see Gerald Appel, Technical Analysis: Power Tools for Active Investors (2005)
 */
export function macd(
  closes: readonly number[],
  periods: MacdPeriods = { fast: 12, slow: 26, signal: 9 },
): Macd {
  const line = combine(ema(closes, periods.fast), ema(closes, periods.slow), (fast, slow) => fast - slow)
  const signal = ema(line, periods.signal)
  return { macd: line, signal, histogram: combine(line, signal, (value, average) => value - average) }
}

/** A bar at which one series crosses another: upwards (1) or downwards (−1). */
export interface Cross {
  readonly index: number
  readonly direction: 1 | -1
}

/** A relative difference below this is a rounding error, and the two averages count as equal. */
const ROUNDING_TOLERANCE = 1e-12

/**
 * Every bar at which a series is above (below) another one and was not above (below) it at the previous bar. Values that
 * are equal within the rounding tolerance count as neither. All four values must exist.
 *
 * @returns oldest first
 */
export function crosses(series: Series, other: Series): readonly Cross[] {
  const list: Cross[] = []
  let previous: number | null = null
  for (let index = 0; index < series.length; index += 1) {
    const side = sideOf(valueAt(series, index), valueAt(other, index))
    if (previous !== null && previous <= 0 && side === 1) list.push({ index, direction: 1 })
    if (previous !== null && previous >= 0 && side === -1) list.push({ index, direction: -1 })
    previous = side
  }
  return list
}

/** Compares two values: 1 above, −1 below, 0 equal within the rounding tolerance; `null` if one is missing. */
export function sideOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null
  return Math.abs(a - b) <= ROUNDING_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)) ? 0 : Math.sign(a - b)
}
