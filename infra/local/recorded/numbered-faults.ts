import type { Profile } from './chaos.ts'
import { type Fault, faultText } from './fault.ts'
import { faultFor } from './fault-of.ts'

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
