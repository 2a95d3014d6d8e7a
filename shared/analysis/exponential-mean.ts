import { checkPeriod, type Series } from './series.ts'

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
