import { type Series, valueAt } from './series.ts'

/** A bar at which one series passes another: upwards (1) or downwards (−1). */
export interface Cross {
  readonly index: number
  readonly direction: 1 | -1
}

/**
 * Every bar at which a series is beyond another after it was not on the bar before; having touched it counts as not
 * beyond. All four values have to be there.
 *
 * @returns oldest first
 */
export function crosses(series: Series, other: Series): readonly Cross[] {
  const found: Cross[] = []
  for (let index = 1; index < series.length; index += 1) {
    const before = sign(series, other, index - 1)
    const now = sign(series, other, index)
    if (before === null || now === null) continue
    if (before <= 0 && now > 0) found.push({ index, direction: 1 })
    if (before >= 0 && now < 0) found.push({ index, direction: -1 })
  }
  return found
}

/** On which side of the other the series stands: 1 above, −1 below, 0 on it. */
function sign(series: Series, other: Series, index: number): number | null {
  const a = valueAt(series, index)
  const b = valueAt(other, index)
  return a === null || b === null ? null : Math.sign(a - b)
}
