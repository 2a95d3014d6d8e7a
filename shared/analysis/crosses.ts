import { type Series, valueAt } from './series.ts'

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
