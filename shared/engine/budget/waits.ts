import type { CoolDown, UpstreamState, UsageCoolDown } from '#shared/domain/records/upstream-state.ts'
import { activeCoolDown, withCoolDown } from './cool-down.ts'
import { activeUsageCoolDown, withUsageCoolDown } from './full-minute.ts'

/** When one run knows that nobody may call: what it has met itself, and what it has heard that others met. */
export interface CoolDownTracker {
  /** The provider has said no. */
  addCoolDown(coolDown: CoolDown): void
  /** The provider's minute is nearly used up. @returns whether that is news */
  addUsageCoolDown(fullMinute: UsageCoolDown): boolean
  /** What the table knows. */
  mergeState(state: UpstreamState): void
  /** Whether nobody may call right now. */
  isBlocked(now: number): boolean
  /** The state with what this run knows and the table may not. */
  applyTo(stored: UpstreamState): UpstreamState
}

/** @param secretVersion - of the secret that the run's calls carry: the refusal of another one does not bind it */
export function coolDownTracker(
  secretVersion: string | undefined,
  clock: { now(): number },
): CoolDownTracker {
  let coolDown: CoolDown | undefined
  let fullMinute: UsageCoolDown | undefined

  const addCoolDown = (met: CoolDown) => {
    if (!coolDown || coolDown.until < met.until) coolDown = met
  }
  const addUsageCoolDown = (met: UsageCoolDown) => {
    if (fullMinute && fullMinute.until >= met.until) return false
    fullMinute = met
    return true
  }

  return {
    addCoolDown,
    addUsageCoolDown,

    mergeState(state) {
      const now = clock.now()
      const [wait, minute] = [activeCoolDown(state, secretVersion, now), activeUsageCoolDown(state, now)]
      if (wait) addCoolDown(wait)
      if (minute) addUsageCoolDown(minute)
    },

    isBlocked: (now) => [coolDown, fullMinute].some((wait) => wait !== undefined && wait.until > now),

    applyTo(stored) {
      const cooled = (coolDown && withCoolDown(stored, coolDown)) ?? stored
      return (fullMinute && withUsageCoolDown(cooled, fullMinute)) ?? cooled
    },
  }
}
