import { ema } from './ema.ts'
import { combine, type Series } from './series.ts'

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
