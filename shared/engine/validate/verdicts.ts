import type { Verdict } from '../model/refresh.ts'

const ACCEPTED: Verdict = { accepted: true }

/** The first rejection, or acceptance. */
export function firstRejection(...verdicts: readonly Verdict[]): Verdict {
  return verdicts.find(({ accepted }) => !accepted) ?? ACCEPTED
}

interface Bounds {
  /** Lies above it. */
  readonly exclusiveMin?: number
  readonly min?: number
  readonly max: number
}

/** A number within bounds; what is no number lies within none. */
export function inRange(name: string, value: number, { exclusiveMin, min, max }: Bounds): Verdict {
  const isHighEnough =
    exclusiveMin === undefined ? value >= (min ?? Number.NEGATIVE_INFINITY) : value > exclusiveMin
  const range = exclusiveMin === undefined ? `[${min ?? '-∞'}, ${max}]` : `(${exclusiveMin}, ${max}]`
  return expectThat(isHighEnough && value <= max, `expected ${name} in ${range}, got ${value}`)
}

/** A number that moves at most by a share of what it was. */
export function changesAtMost(name: string, share: number, value: number, before: number): Verdict {
  const moved = Math.abs(value - before)
  return expectThat(
    moved <= share * Math.abs(before),
    `expected ${name} within ${share * 100} % of the stored ${before}, got ${value}`,
  )
}

/** A list that keeps at least a share of the members it had; the first one may have any length. */
export function notShrunk(
  name: string,
  share: number,
  list: readonly unknown[],
  before: readonly unknown[] | undefined,
): Verdict {
  const least = Math.ceil(share * (before?.length ?? 0))
  return expectThat(list.length >= least, `expected at least ${least} ${name}, got ${list.length}`)
}

function expectThat(holds: boolean, message: string): Verdict {
  return holds ? ACCEPTED : { accepted: false, message }
}
