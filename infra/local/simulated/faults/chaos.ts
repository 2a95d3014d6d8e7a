import { MINUTE_MS } from '#shared/domain/duration.ts'
import { hashFraction } from '../model/seeded-values.ts'
import { type Fault, faultText } from './fault.ts'

/** Makes the fault of a call, or none. `random`, in [0, 1), sets its parameters. */
type FaultFactory = (random: number) => Fault | undefined

/** A part of a profile. The phases repeat in order. */
interface Phase {
  readonly seconds: number
  /** A deck of cards: shuffled for each round, one card per call, so that each card occurs once per round. */
  readonly faults: readonly FaultFactory[]
}

/** A named way in which simulated providers fail. */
export interface Profile {
  readonly name: string
  /** One sentence for `--help` and the banner. */
  readonly about: string
  readonly phases: readonly Phase[]
}

const noFault: FaultFactory = () => undefined

const storm: Profile = {
  name: 'storm',
  about:
    'about half of the responses are good, the others fail, hang, trickle, break off, are wrong or old, or demand a wait of up to 90 seconds',
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
        always({ kind: 'trickle', intervalMs: 500 }),
        (random) => ({ kind: 'truncated', share: random }),
        (random) => ({ kind: 'cut', share: random }),
        (random) => ({ kind: 'drift', share: random }),
        (random) => ({ kind: 'absurd', amount: random < 0.33 ? 0 : random < 0.67 ? -1 : 1e308 }),
        (random) => ({ kind: 'older', byMs: between(10, 180, random) * MINUTE_MS }),
        (random) => ({ kind: 'rate-limited', retryAfterS: between(1, 4, random) }),
        (random) => ({ kind: 'rate-limited', retryAfterS: between(20, 91, random) }),
      ],
    },
  ],
}

/** The good phase is longer than a breaker stays open by default, so that the recovery is visible. */
const outage: Profile = {
  name: 'outage',
  about: 'for three minutes only connection resets and 503, then for six minutes good responses',
  phases: [
    { seconds: 180, faults: [always({ kind: 'reset' }), always({ kind: 'status', status: 503 })] },
    { seconds: 360, faults: [noFault] },
  ],
}

const slow: Profile = {
  name: 'slow',
  about: 'good responses only, but late or one byte at a time, some of them later than any timeout',
  phases: [
    {
      seconds: 60,
      faults: [
        (random) => ({ kind: 'late', byMs: between(500, 4_000, random) }),
        (random) => ({ kind: 'late', byMs: between(4_000, 9_000, random) }),
        (random) => ({ kind: 'trickle', intervalMs: between(1, 8, random) }),
        (random) => ({ kind: 'trickle', intervalMs: between(50, 500, random) }),
        always({ kind: 'hang' }),
      ],
    },
  ],
}

/** Every profile; the first one is the default. */
export const profiles = [storm, outage, slow] as const

function always(fault: Fault): FaultFactory {
  return () => fault
}

/** A whole number in [from, to). */
function between(from: number, to: number, random: number): number {
  return from + Math.floor(random * (to - from))
}

/** One call to a simulated provider. */
export interface SimulatedCall {
  /** Selects one of many possible sequences of faults. */
  readonly seed: number
  readonly provider: string
  /** Counted per provider, from 1. */
  readonly call: number
  /** Milliseconds since the epoch; selects the phase of the profile. */
  readonly now: number
}

/**
 * The fault of a call under a profile, if any: the same arguments give the same fault. Within a phase, each round of as
 * many calls as the deck has cards draws every card once, in an order of its own.
 */
export function faultFor(profile: Profile, { seed, provider, call, now }: SimulatedCall): Fault | undefined {
  const deck = phaseFaults(profile, now)
  const round = Math.floor((call - 1) / deck.length)
  const place = (call - 1) % deck.length
  const random = (name: string) => hashFraction(`${name} ${round} ${profile.name} ${provider} ${seed}`)
  const shuffled = deck
    .map((card, index) => ({ card, position: random(`card ${index}`) }))
    .sort((a, b) => a.position - b.position)
  return shuffled[place]?.card(random(`dice ${place}`))
}

function phaseFaults({ name, phases }: Profile, now: number): readonly FaultFactory[] {
  const cycle = phases.reduce((sum, { seconds }) => sum + seconds, 0)
  let elapsed = (now / 1_000) % cycle
  for (const { seconds, faults } of phases) {
    if (elapsed < seconds) return faults
    elapsed -= seconds
  }
  throw new TypeError(`expected a phase of ${name} at ${now}, got none`)
}

/** The value of the option `--chaos`. */
export interface Chaos {
  readonly profile: Profile
  /** The number of the first call to each provider. */
  readonly firstCall: number
}

/** A call under chaos and its fault; `undefined` for a good response. */
export interface CallFault {
  readonly provider: string
  readonly call: number
  readonly fault: Fault | undefined
}

/**
 * Numbers the calls of each provider and returns their faults.
 *
 * @param onCall - called for every call
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

/** A call as text for the operator: `coingecko  call 17: no response at all`. */
export function callText({ provider, call, fault }: CallFault): string {
  return `${provider}  call ${call}: ${fault ? faultText(fault) : 'a good response'}`
}
