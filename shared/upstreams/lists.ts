/** What a job expects of a list that it reads, before it believes it. */
export interface ListExpectation {
  /** Name of the list in messages, such as `intervals`. */
  readonly name: string
  /** Whether an empty list is an answer. */
  readonly mayBeEmpty: boolean
  /** Largest share of the stored rows that may be missing: with 0.5, half of them. */
  readonly maxShrink: number
  /** Smallest share of the rows to cover that a list needs; 0 for a list that covers nothing in particular. */
  readonly minCoverage: number
}

/** The size of a list, and what it is compared with. */
interface ListSize {
  readonly rows: number
  /** Number of rows of the stored list, if one is stored. */
  readonly storedRows?: number | undefined
  /** How many of the rows that it has to cover are in it. */
  readonly covered?: number
  readonly toCover?: number
}

/** Why a list is not believed, with expected and got; `undefined` for one that is believed. */
export function listFault(
  { name, mayBeEmpty, maxShrink, minCoverage }: ListExpectation,
  { rows, storedRows = 0, covered = 0, toCover = 0 }: ListSize,
): string | undefined {
  if (rows === 0 && !mayBeEmpty) return `${name}: expected at least 1 row, got an empty list`
  const minRows = Math.ceil((1 - maxShrink) * storedRows)
  if (rows < minRows) return `${name}: expected at least ${minRows} rows after ${storedRows}, got ${rows}`
  const minCovered = Math.ceil(minCoverage * toCover)
  if (covered < minCovered)
    return `${name}: expected at least ${minCovered} of ${toCover} expected rows, got ${covered}`
  return undefined
}
