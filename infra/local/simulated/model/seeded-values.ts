/** One slow wave: its share of the amplitude and its period. */
interface Wave {
  readonly share: number
  readonly hours: number
}

/** The periods do not divide each other, so that no day repeats the one before. */
const WAVES: readonly Wave[] = [
  { share: 0.6, hours: 149 },
  { share: 0.3, hours: 31 },
  { share: 0.1, hours: 7 },
]

/**
 * A value that moves smoothly around 1, by at most `amplitude`.
 *
 * @param name - distinguishes the values of one seed
 * @param hours - time since the epoch, in hours
 */
export function drift(seed: number, name: string, amplitude: number, hours: number): number {
  return driftFunction(seed, name, amplitude)(hours)
}

/** {@link drift} as a function of the time in hours, which is faster for many values. */
export function driftFunction(seed: number, name: string, amplitude: number): (hours: number) => number {
  const waves = WAVES.map((wave, index) => ({ ...wave, phase: hashFraction(`${seed} ${name} ${index}`) }))
  return (hours) =>
    waves.reduce(
      (sum, { share, hours: period, phase }) =>
        sum + amplitude * share * Math.sin(2 * Math.PI * (hours / period + phase)),
      1,
    )
}

/**
 * A number in [0, 1) from a text. Texts should differ at their beginning: the last letters change it little.
 *
 * @see G. Fowler, L. C. Noll, K.-P. Vo: FNV-1a, 32 bits (IETF draft-eastlake-fnv)
 */
export function hashFraction(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash / 2 ** 32
}
