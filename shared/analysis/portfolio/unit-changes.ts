import { unitSuspect } from './fundamental-scores.ts'

/** A figure of another size than the last one that was believed. */
interface UnitCandidate {
  readonly figure: number
  /** Number of days in a row on which the provider sent a figure of this size. */
  readonly days: number
  /** The last of them, `YYYY-MM-DD`. */
  readonly date: string
}

/** What is kept of the figures of one company, by their names. */
export interface UnitMemory {
  /** The last figure that was believed, also while the provider sends none. */
  readonly believed: Readonly<Record<string, number>>
  readonly candidates: Readonly<Record<string, UnitCandidate>>
}

/** The memory before the first figure. */
export const NO_UNITS: UnitMemory = { believed: {}, candidates: {} }

type Figures<K extends string> = Readonly<Record<K, number | null>>

/** A figure, and what is kept of it. */
interface CheckedFigure {
  readonly figure: number | null
  readonly believed?: number | undefined
  readonly candidate?: UnitCandidate
}

/** On this many days in a row a new size is believed. */
const BELIEVED_AFTER_DAYS = 3

/** Two figures of the same size differ by at most this factor. */
const MAX_SAME_SIZE_RATIO = 2

/**
 * Compares figures with those that were believed before. A figure that is 50 to 200 times the old one, or the old one that
 * much of it, seems to have changed between fraction and percent: the old one stays, and its name is in `suspects`. When
 * the provider sends the same new size on three of its days in a row, it is believed; a day without a fetch does not
 * count, and two fetches of one day count once.
 *
 * @param date - the provider's day, `YYYY-MM-DD`
 * @returns the figures to use and the memory for the next day
 */
export function checkUnits<K extends string>(
  figures: Figures<K>,
  before: UnitMemory,
  date: string,
): { readonly figures: Figures<K>; readonly suspects: readonly K[]; readonly memory: UnitMemory } {
  const names = Object.keys(figures) as K[]
  const checked = names.map(
    (name) =>
      [name, checkFigure(figures[name], before.believed[name], before.candidates[name], date)] as const,
  )
  const collect = <T>(value: (figure: CheckedFigure) => T | undefined) =>
    Object.fromEntries(
      checked.flatMap(([name, one]) => (value(one) === undefined ? [] : [[name, value(one) as T]])),
    )
  return {
    figures: Object.fromEntries(checked.map(([name, { figure }]) => [name, figure])) as Figures<K>,
    suspects: checked.flatMap(([name, { candidate }]) => (candidate ? [name] : [])),
    memory: {
      believed: collect(({ believed }) => believed),
      candidates: collect(({ candidate }) => candidate),
    },
  }
}

function checkFigure(
  figure: number | null,
  believed: number | undefined,
  before: UnitCandidate | undefined,
  date: string,
): CheckedFigure {
  if (figure === null) return { figure, believed }
  if (believed === undefined || !unitSuspect(believed, figure)) return { figure, believed: figure }
  const days = before && isSameSize(before.figure, figure) ? before.days + Number(before.date !== date) : 1
  if (days >= BELIEVED_AFTER_DAYS) return { figure, believed: figure }
  return { figure: believed, believed, candidate: { figure, days, date } }
}

function isSameSize(a: number, b: number): boolean {
  const ratio = a / b
  return ratio >= 1 / MAX_SAME_SIZE_RATIO && ratio <= MAX_SAME_SIZE_RATIO
}
