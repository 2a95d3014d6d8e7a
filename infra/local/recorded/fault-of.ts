import type { FaultFactory, Profile } from './chaos.ts'
import type { Fault } from './fault.ts'
import { hashFraction } from './fraction.ts'

/** One call to a stand-in. */
export interface SimulatedCall {
  /** One of many possible worlds. */
  readonly seed: number
  readonly provider: string
  /** Counted by provider, from 1. */
  readonly call: number
  /** Milliseconds since the epoch; decides which phase of the profile it is. */
  readonly now: number
}

/**
 * What a profile has in store for a call: the same arguments give the same fault, or none.
 *
 * Within a phase, each round of as many calls as the deck has cards meets every card, in an order of its own.
 */
export function faultFor(profile: Profile, { seed, provider, call, now }: SimulatedCall): Fault | undefined {
  const deck = phaseFaults(profile, now)
  const round = Math.floor((call - 1) / deck.length)
  const place = (call - 1) % deck.length
  const drawn = (what: string) => hashFraction(`${what} ${round} ${profile.name} ${provider} ${seed}`)
  const shuffled = deck
    .map((card, index) => ({ card, at: drawn(`card ${index}`) }))
    .sort((a, b) => a.at - b.at)
  return shuffled[place]?.card(drawn(`dice ${place}`))
}

function phaseFaults({ name, phases }: Profile, now: number): readonly FaultFactory[] {
  const cycle = phases.reduce((sum, { seconds }) => sum + seconds, 0)
  let left = (now / 1_000) % cycle
  for (const { seconds, faults } of phases) {
    if (left < seconds) return faults
    left -= seconds
  }
  throw new TypeError(`expected a phase of ${name} at ${now}, got none`)
}
