import { checkPeriod, type Series } from './series.ts'

/**
 * Where a value stands among the newest ones: 100 times the share of the last `period` values that are at or below it,
 * itself among them.
 *
 * @param values - oldest first; `null`s are not counted
 * @param least - how many values there have to be; fewer than `period` may do
 * @returns one value per input, above 0 and at most 100; `null` where there is no value or too few
 * @throws {RangeError} when `period` or `least` is not a positive integer
 * @see https://en.wikipedia.org/wiki/Percentile_rank
 */
export function percentileRank(values: Series, period: number, least: number): Series {
  checkPeriod(period)
  checkPeriod(least)
  return values.map((value, index) => {
    if (value === null) return null
    const window = values.slice(Math.max(0, index + 1 - period), index + 1).filter((other) => other !== null)
    if (window.length < least) return null
    return (100 * window.filter((other) => other <= value).length) / window.length
  })
}
