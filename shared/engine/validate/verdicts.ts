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

/** Accepts when there is no fault, such as that of a list. */
export function expectNoFault(fault: string | undefined): Verdict {
  return fault === undefined ? ACCEPTED : { accepted: false, message: fault }
}

function expectThat(holds: boolean, message: string): Verdict {
  return holds ? ACCEPTED : { accepted: false, message }
}
