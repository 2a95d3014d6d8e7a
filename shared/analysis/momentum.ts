import { ema, wilderAverage } from './moving-averages.ts'
import { combine, finiteOrNull, type Series, valueAt } from './series.ts'

/**
 * Relative strength index with Wilder's smoothing: 100·gain/(gain + loss) of the averaged rises and falls.
 *
 * @param closes - closing prices, oldest first
 * @returns one value per close, 0…100; `null` below index `period`; 100 where nothing fell, 50 where nothing moved
 * @throws {RangeError} when `period` is not a positive integer
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section VI
 */
export function rsi(closes: readonly number[], period = 14): Series {
  const changes = closes.map((close, index) => {
    const before = closes[index - 1]
    return before === undefined ? null : finiteOrNull(close - before)
  })
  const gains = changes.map((change) => (change === null ? null : Math.max(change, 0)))
  const losses = changes.map((change) => (change === null ? null : Math.max(-change, 0)))
  return combine(wilderAverage(gains, period), wilderAverage(losses, period), (gain, loss) =>
    gain === 0 && loss === 0 ? 50 : (100 * gain) / (gain + loss),
  )
}

/** All three in the unit of the closes. */
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
 * Moving average convergence/divergence: the fast EMA less the slow one, the EMA of that as its signal, and the
 * distance of the two. Each EMA is seeded by the simple average of its own first values.
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

/** A bar at which one series passes another: upwards (1) or downwards (−1). */
export interface Cross {
  readonly index: number
  readonly direction: 1 | -1
}

/** Nearer than this share of their size, two averages are told apart by nothing but how they were rounded. */
const ROUNDING_TOLERANCE = 1e-12

/**
 * Every bar at which a series is beyond another after it was not on the bar before; having touched it counts as not
 * beyond, and so does a distance that rounding may have made. All four values have to be there.
 *
 * @returns oldest first
 */
export function crosses(series: Series, other: Series): readonly Cross[] {
  const found: Cross[] = []
  let before: number | null = null
  for (let index = 0; index < series.length; index += 1) {
    const side = sideOf(valueAt(series, index), valueAt(other, index))
    if (before !== null && before <= 0 && side === 1) found.push({ index, direction: 1 })
    if (before !== null && before >= 0 && side === -1) found.push({ index, direction: -1 })
    before = side
  }
  return found
}

/** On which side of the other a value stands: 1 above, −1 below, 0 on it; `null` where one is missing. */
function sideOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null
  return Math.abs(a - b) <= ROUNDING_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)) ? 0 : Math.sign(a - b)
}
