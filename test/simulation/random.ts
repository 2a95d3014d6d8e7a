/** A seeded source of chance: the same seed, the same life. */
export interface Chance {
  /** In [0, 1). */
  next(): number
  /** True with this probability. */
  is(probability: number): boolean
  /** A whole number in [from, to). */
  between(from: number, to: number): number
  pick<T>(choices: readonly T[]): T
}

/** @see Lehmer's generator with the constants of Park and Miller, "minimal standard" (1988) */
export function chance(seed: number): Chance {
  let state = seed
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from))
  const pick = <T>(choices: readonly T[]) => choices[between(0, choices.length)] as T
  return { next, between, pick, is: (probability) => next() < probability }
}
