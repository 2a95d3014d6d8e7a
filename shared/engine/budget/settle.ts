import type { Upstream } from '#shared/declare/upstream.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { concluded, type Verdict } from './breaker.ts'
import { bindingCoolDown } from './cool-down.ts'
import { bindingFullMinute } from './full-minute.ts'
import { counted } from './quota.ts'
import type { Asker } from './reserve.ts'

/**
 * The state after a run: its connections are free, what it did not call counts no more, and how the provider did
 * counts for the breaker, where the asker is one to judge. A provider that served something after a wait has forgiven.
 * Pure.
 *
 * @param verdict - `undefined`: no call was made
 */
export function settled(
  state: UpstreamState,
  { owner, judges, secretVersion }: Asker,
  { unused, verdict }: { readonly unused: number; readonly verdict: Verdict | undefined },
  { limits, breaker }: Pick<Upstream, 'limits' | 'breaker'>,
  now: number,
): UpstreamState {
  const { [owner]: _mine, ...connections } = state.connections
  const { coolDown, fullMinute: _past, ...rest } = state
  const isForgiven = verdict === 'served' && !bindingCoolDown(state, secretVersion, now)
  const fullMinute = bindingFullMinute(state, now)
  return {
    ...rest,
    ...(coolDown && !isForgiven ? { coolDown } : {}),
    ...(fullMinute ? { fullMinute } : {}),
    ...counted(state, limits, -unused, now),
    connections,
    breaker: judges ? concluded(state.breaker, owner, verdict, breaker, now) : state.breaker,
  }
}
