import type { Verdict } from '../model/refresh.ts'

const ACCEPTED: Verdict = { accepted: true }

/** The first rejection, if there is one, else acceptance. */
export function firstRejection(...verdicts: readonly Verdict[]): Verdict {
  return verdicts.find(({ accepted }) => !accepted) ?? ACCEPTED
}

interface Bounds {
  /** The value must be greater. */
  readonly exclusiveMin?: number
  readonly min?: number
  readonly max: number
}

/** Accepts a number within bounds, and never `NaN`. */
export function inRange(name: string, value: number, { exclusiveMin, min, max }: Bounds): Verdict {
  const isHighEnough =
    exclusiveMin === undefined ? value >= (min ?? Number.NEGATIVE_INFINITY) : value > exclusiveMin
  const range = exclusiveMin === undefined ? `[${min ?? '-∞'}, ${max}]` : `(${exclusiveMin}, ${max}]`
  return expectThat(isHighEnough && value <= max, `expected ${name} in ${range}, got ${value}`)
}

/** Accepts a number that differs from the stored one by at most a share of it. */
export function changesAtMost(name: string, share: number, value: number, previous: number): Verdict {
  const change = Math.abs(value - previous)
  return expectThat(
    change <= share * Math.abs(previous),
    `expected ${name} within ${share * 100} % of the stored ${previous}, got ${value}`,
  )
}

/** Accepts a list that has at least a share of the previous number of members; the first list may have any length. */
export function notShrunk(
  name: string,
  share: number,
  list: readonly unknown[],
  previous: readonly unknown[] | undefined,
): Verdict {
  const minLength = Math.ceil(share * (previous?.length ?? 0))
  return expectThat(list.length >= minLength, `expected at least ${minLength} ${name}, got ${list.length}`)
}

function expectThat(holds: boolean, message: string): Verdict {
  return holds ? ACCEPTED : { accepted: false, message }
}
