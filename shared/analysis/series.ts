/** One value per bar, oldest first; `null` without a value. Never NaN or infinite. */
export type Series = readonly (number | null)[]

/** The number if it is finite, else `null`: a value beyond double precision is absent, not wrong. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** The value at an index; `null` before the first bar, after the last one and while warming up. */
export function valueAt(series: Series, index: number): number | null {
  return series[index] ?? null
}

/** Combines two series bar by bar; `null` if one of them has no value or the result is not finite. */
export function combine(a: Series, b: Series, combine: (x: number, y: number) => number): Series {
  const combined: (number | null)[] = []
  for (const x of a) {
    const y = valueAt(b, combined.length)
    combined.push(x === null || y === null ? null : finiteOrNull(combine(x, y)))
  }
  return combined
}

/**
 * Refuses an invalid window length.
 *
 * @throws {RangeError} when `period` is not a positive integer
 */
export function checkPeriod(period: number): void {
  if (Number.isInteger(period) && period > 0) return
  throw new RangeError(`expected a period of one bar or more, got ${period}`)
}
