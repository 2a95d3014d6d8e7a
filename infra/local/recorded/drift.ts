import { hashFraction } from './fraction.ts'

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
