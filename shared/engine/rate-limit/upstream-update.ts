import { updateWithRetry } from '#shared/domain/compare-and-swap.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { Ports } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'

const MAX_ATTEMPTS = 50
/** Pauses double from the first to the longest: dozens of runs of single keys may change one state at once. */
const FIRST_PAUSE_MS = 8
const MAX_PAUSE_MS = 200

/** The new state, absent when it does not change, with the caller's result. */
export type StateChange<R> = { readonly state?: Omit<UpstreamState, 'revision' | 'change'> } & R

/**
 * Changes the stored state of a provider by compare-and-swap: decides again when another change came first.
 *
 * @param change - unique id of this change
 * @param decide - computes the new state; without one, nothing is written
 * @param current - the stored state, if it was read a moment ago
 * @throws {RefreshError} `store` when the table does not answer, or when other changes come first every time
 */
export async function updateUpstream<R>(
  name: string,
  change: string,
  { store, clock, random }: Pick<Ports, 'store' | 'clock' | 'random'>,
  decide: (stored: UpstreamState, now: number) => StateChange<R>,
  current?: UpstreamState,
): Promise<R> {
  const read = () => storeCall(store.upstreams.get(name))
  let hasPaused = false
  const swap = await updateWithRetry<UpstreamState, R>(
    current ?? (await read()),
    MAX_ATTEMPTS,
    async (before) => {
      // during a pause others have changed the state again: without a new read this change would lose to them, too
      const stored = hasPaused ? await read() : before
      const decision = decide(stored, clock.now())
      if (!decision.state) return { written: true, result: decision }
      const next = { ...decision.state, revision: stored.revision + 1, change }
      const replaced = await storeCall(store.upstreams.replace(name, next))
      return replaced.written ? { written: true, result: decision } : replaced
    },
    async (attempts) => {
      hasPaused = true
      await clock.sleep(Math.ceil(random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1))))
    },
  )
  if (swap.written) return swap.result
  const message = `expected to change the state of ${name}, got another change first ${MAX_ATTEMPTS} times`
  throw new RefreshError('store', message, { scope: 'provider' })
}
