import type { DailyBar } from '#shared/domain/daily-bar.ts'

/** A step of the price that may be a change of the number of shares. */
interface SuspectedSplit {
  /** Index of the first bar at the new price. */
  readonly index: number
  /** Date of that bar, `YYYY-MM-DD`. */
  readonly date: string
  /** Old price over new price: 50 for a 50:1 split, 1/30 for a 1:30 consolidation. */
  readonly ratio: number
}

const TOLERANCE = 0.04
const MIN_WHOLE = 2

/** From here on a step is no ordinary gap, however far it is from a whole number. */
const MIN_CERTAIN = 8
const MAX_WHOLE = 200
const HALVES = [3 / 2, 5 / 2]

/**
 * The newest step from a close to the next open whose ratio, or its inverse, is within 4 % of 3/2, 5/2 or a whole number
 * from 2 to 200, or anywhere from 7.5 to 200. A real halving of the price is marked too: in the prices it looks the same.
 *
 * @param bars - oldest first, not adjusted for splits
 */
export function suspectedSplit(bars: readonly DailyBar[]): SuspectedSplit | null {
  for (let index = bars.length - 1; index > 0; index -= 1) {
    const { date, open } = bars[index] as DailyBar
    const ratio = splitRatio((bars[index - 1] as DailyBar).close / open)
    if (ratio !== null) return { index, date, ratio }
  }
  return null
}

/** The bars that are comparable with the newest one: from the newest suspected split on, or all without one. */
export function barsAfterSplit(bars: readonly DailyBar[]): readonly DailyBar[] {
  return bars.slice(suspectedSplit(bars)?.index ?? 0)
}

function splitRatio(ratio: number): number | null {
  const fold = Math.max(ratio, 1 / ratio)
  const whole = Math.min(Math.max(Math.round(fold), MIN_WHOLE), MAX_WHOLE)
  const isNear = (candidate: number) => Math.abs(fold / candidate - 1) <= TOLERANCE
  const match = [whole, ...HALVES].find(
    (candidate) => isNear(candidate) || (candidate >= MIN_CERTAIN && fold <= MAX_WHOLE),
  )
  if (match === undefined) return null
  return ratio > 1 ? match : 1 / match
}
