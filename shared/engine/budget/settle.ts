import type { Upstream } from '#shared/declare/upstream.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { type BreakerSignal, nextBreaker } from './breaker.ts'
import { activeCoolDown } from './cool-down.ts'
import { activeUsageCoolDown } from './full-minute.ts'
import { countCalls } from './quota.ts'
import type { Caller } from './reserve.ts'

/**
 * The state after a run: its connections are free, what it did not call counts no more, and how the provider did
 * counts for the breaker, where the asker is one to judge. A provider that served something after a wait has forgiven.
 * Pure.
 *
 * @param verdict - `undefined`: no call was made
 */
export function settle(
  state: UpstreamState,
  { owner, countsForBreaker, secretVersion }: Caller,
  { unused, verdict }: { readonly unused: number; readonly verdict: BreakerSignal | undefined },
  { limits, breaker }: Pick<Upstream, 'limits' | 'breaker'>,
  now: number,
): UpstreamState {
  const { [owner]: _mine, ...connections } = state.connections
  const { coolDown, usageCoolDown: _past, ...rest } = state
  const isForgiven = verdict === 'served' && !activeCoolDown(state, secretVersion, now)
  const usageCoolDown = activeUsageCoolDown(state, now)
  return {
    ...rest,
    ...(coolDown && !isForgiven ? { coolDown } : {}),
    ...(usageCoolDown ? { usageCoolDown } : {}),
    ...countCalls(state, limits, -unused, now),
    connections,
    breaker: countsForBreaker ? nextBreaker(state.breaker, owner, verdict, breaker, now) : state.breaker,
  }
}
