import type { Sums } from './refresh.ts'

/** What the requests of a run add up to. */
export interface Tally {
  readonly attempts: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** What the job says of the first value that passed. */
  readonly said?: string
  /** What the values that passed add to the figures of the run. */
  readonly sums?: Sums
  /** The most that a provider counted of its own minute, in its own unit. */
  readonly weight?: number
}

/** Nothing was asked. */
export const noTally: Tally = { attempts: 0, retries: 0 }

/** Several tallies as one. */
export function tallied(tallies: readonly Tally[]): Tally {
  const said = tallies.find((one) => one.said !== undefined)?.said
  const sums = tallies.flatMap((one) => (one.sums ? [one.sums] : []))
  const weights = tallies.flatMap(({ weight }) => weight ?? [])
  return {
    attempts: tallies.reduce((sum, { attempts }) => sum + attempts, 0),
    retries: tallies.reduce((sum, { retries }) => sum + retries, 0),
    ...(said === undefined ? {} : { said }),
    ...(sums.length === 0 ? {} : { sums: sums.reduce(added) }),
    ...(weights.length === 0 ? {} : { weight: Math.max(...weights) }),
  }
}

/** The sum of two sets of figures, name by name. */
export function added(one: Sums, other: Sums): Sums {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]))
}
