/** One value per bar, oldest first; `null` where there is none yet. Never NaN, never infinite. */
export type Series = readonly (number | null)[]

/** The number itself when it is finite, else `null`: what leaves double precision is absent, not wrong. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** What stands at an index; `null` before the first bar, behind the last one and while warming up. */
export function valueAt(series: Series, index: number): number | null {
  return series[index] ?? null
}

/** Two series bar by bar; `null` wherever one of them has no value, or the result is not finite. */
export function combine(a: Series, b: Series, combine: (x: number, y: number) => number): Series {
  const both: (number | null)[] = []
  for (const x of a) {
    const y = valueAt(b, both.length)
    both.push(x === null || y === null ? null : finiteOrNull(combine(x, y)))
  }
  return both
}

/**
 * Refuses a length of window that is none.
 *
 * @throws {RangeError} when `period` is not a positive integer
 */
export function checkPeriod(period: number): void {
  if (Number.isInteger(period) && period > 0) return
  throw new RangeError(`expected a period of one bar or more, got ${period}`)
}
