import type { Fault } from './fault.ts'

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

const MINUTE_MS = 60_000

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
