import { MINUTE_MS } from '#shared/domain/duration.ts'
import { hashFraction } from '../model/seeded-values.ts'
import { type Fault, faultText } from './fault.ts'

/** What is in store for a call: a fault, or nothing. The dice, in [0, 1), settles its particulars. */
export type FaultFactory = (dice: number) => Fault | undefined

/** Lasts for so long, then the next phase has its turn. */
interface Phase {
  readonly seconds: number
  /** Dealt call by call; once it is used up it is shuffled anew, so that every card comes once a round. */
  readonly faults: readonly FaultFactory[]
}

/** A named way in which stand-ins fail. */
export interface Profile {
  readonly name: string
  /** What it does, for the operator of one machine. */
  readonly about: string
  readonly phases: readonly Phase[]
}

const noFault: FaultFactory = () => undefined

const storm: Profile = {
  name: 'storm',
  about:
    'about half of the answers are good, the others fail, hang, trickle, break off, lie, lag behind, or ask to be left alone for up to 90 seconds',
  phases: [
    {
      seconds: 60,
      faults: [
        ...Array<FaultFactory>(11).fill(noFault),
        always({ kind: 'status', status: 500 }),
        always({ kind: 'status', status: 404 }),
        always({ kind: 'html' }),
        always({ kind: 'empty' }),
        always({ kind: 'hang' }),
        always({ kind: 'trickle', everyMs: 500 }),
        (dice) => ({ kind: 'truncated', share: dice }),
        (dice) => ({ kind: 'cut', share: dice }),
        (dice) => ({ kind: 'drift', share: dice }),
        (dice) => ({ kind: 'absurd', amount: dice < 0.33 ? 0 : dice < 0.67 ? -1 : 1e308 }),
        (dice) => ({ kind: 'older', byMs: between(10, 180, dice) * MINUTE_MS }),
        (dice) => ({ kind: 'rate-limited', retryAfterS: between(1, 4, dice) }),
        (dice) => ({ kind: 'rate-limited', retryAfterS: between(20, 91, dice) }),
      ],
    },
  ],
}

/** All is well for longer than a breaker stays open by default: recovery can be seen. */
const outage: Profile = {
  name: 'outage',
  about: 'for three minutes nothing but connection resets and 503, then for six all is well',
  phases: [
    { seconds: 180, faults: [always({ kind: 'reset' }), always({ kind: 'status', status: 503 })] },
    { seconds: 360, faults: [noFault] },
  ],
}

const slow: Profile = {
  name: 'slow',
  about: 'good answers only, late or a byte at a time, some of them too slow to be waited for',
  phases: [
    {
      seconds: 60,
      faults: [
        (dice) => ({ kind: 'late', byMs: between(500, 4_000, dice) }),
        (dice) => ({ kind: 'late', byMs: between(4_000, 9_000, dice) }),
        (dice) => ({ kind: 'trickle', everyMs: between(1, 8, dice) }),
        (dice) => ({ kind: 'trickle', everyMs: between(50, 500, dice) }),
        always({ kind: 'hang' }),
      ],
    },
  ],
}

/** Every profile, the one that is meant when none is named first. */
export const profiles = [storm, outage, slow] as const

function always(fault: Fault): FaultFactory {
  return () => fault
}

/** A whole number in [from, to). */
function between(from: number, to: number, dice: number): number {
  return from + Math.floor(dice * (to - from))
}

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

/** Chaos as the operator of one machine asked for it. */
export interface Chaos {
  readonly profile: Profile
  /** The number that the first call to each provider gets. */
  readonly firstCall: number
}

/** A call that was made under chaos, and what went wrong with it. */
export interface CallFault {
  readonly provider: string
  readonly call: number
  readonly fault: Fault | undefined
}

/**
 * Numbers the calls of each provider and finds what is in store for each.
 *
 * @param onCall - told of every call, good or not
 */
export function faultSequence(
  { profile, firstCall }: Chaos,
  seed: number,
  onCall: (call: CallFault) => void,
): (provider: string, now: number) => Fault | undefined {
  const next = new Map<string, number>()
  return (provider, now) => {
    const call = next.get(provider) ?? firstCall
    next.set(provider, call + 1)
    const fault = faultFor(profile, { seed, provider, call, now })
    onCall({ provider, call, fault })
    return fault
  }
}

/** A call for a person: `coingecko  call 17: no answer at all`. */
export function callText({ provider, call, fault }: CallFault): string {
  return `${provider}  call ${call}: ${fault ? faultText(fault) : 'a good answer'}`
}
