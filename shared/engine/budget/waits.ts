import type { CoolDown, FullMinute, UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { bindingCoolDown, withCoolDown } from './cool-down.ts'
import { bindingFullMinute, withFullMinute } from './full-minute.ts'

/** When one run knows that nobody may call: what it has met itself, and what it has heard that others met. */
export interface Waits {
  /** The provider has said no. */
  cool(coolDown: CoolDown): void
  /** The provider's minute is nearly used up. @returns whether that is news */
  fill(fullMinute: FullMinute): boolean
  /** What the table knows. */
  hear(state: UpstreamState): void
  /** Whether nobody may call right now. */
  isHeld(now: number): boolean
  /** The state with what this run knows and the table may not. */
  over(stored: UpstreamState): UpstreamState
}

/** @param secretVersion - of the secret that the run's calls carry: the refusal of another one does not bind it */
export function waits(secretVersion: string | undefined, clock: { now(): number }): Waits {
  let coolDown: CoolDown | undefined
  let fullMinute: FullMinute | undefined

  const cool = (met: CoolDown) => {
    if (!coolDown || coolDown.until < met.until) coolDown = met
  }
  const fill = (met: FullMinute) => {
    if (fullMinute && fullMinute.until >= met.until) return false
    fullMinute = met
    return true
  }

  return {
    cool,
    fill,

    hear(state) {
      const now = clock.now()
      const [wait, minute] = [bindingCoolDown(state, secretVersion, now), bindingFullMinute(state, now)]
      if (wait) cool(wait)
      if (minute) fill(minute)
    },

    isHeld: (now) => [coolDown, fullMinute].some((wait) => wait !== undefined && wait.until > now),

    over(stored) {
      const cooled = (coolDown && withCoolDown(stored, coolDown)) ?? stored
      return (fullMinute && withFullMinute(cooled, fullMinute)) ?? cooled
    },
  }
}
