/** One slow wave: its share of the value, its length in hours. */
interface Wave {
  readonly share: number
  readonly hours: number
}

/** Of lengths that do not divide each other, so that no day is like the one before. */
const WAVES: readonly Wave[] = [
  { share: 0.6, hours: 149 },
  { share: 0.3, hours: 31 },
  { share: 0.1, hours: 7 },
]

/**
 * A value that moves smoothly around 1 and never further than `amplitude` from it.
 *
 * @param name - tells values of one seed apart
 * @param hours - time since the epoch, in hours
 */
export function drift(seed: number, name: string, amplitude: number, hours: number): number {
  return driftFunction(seed, name, amplitude)(hours)
}

/** The same value as a function of its time, for whoever needs many. */
export function driftFunction(seed: number, name: string, amplitude: number): (hours: number) => number {
  const waves = WAVES.map((wave, index) => ({ ...wave, phase: hashFraction(`${seed} ${name} ${index}`) }))
  return (hours) =>
    waves.reduce(
      (sum, { share, hours: length, phase }) =>
        sum + amplitude * share * Math.sin(2 * Math.PI * (hours / length + phase)),
      1,
    )
}

/**
 * A number in [0, 1) from a text. What tells two texts apart should come first: the last letters move it little.
 *
 * @see G. Fowler, L. C. Noll, K.-P. Vo: FNV-1a, 32 bits (IETF draft-eastlake-fnv)
 */
export function hashFraction(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash / 2 ** 32
}
