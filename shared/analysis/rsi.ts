import { combine, finiteOrNull, type Series } from './series.ts'
import { wilderAverage } from './wilder-average.ts'

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
