import { RefreshError } from '#shared/domain/errors.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { Ports } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'

/** So often another change may come first. */
const MAX_TRIES = 25

const MAX_PAUSE_MS = 100

/** What is to become of a state, and what that means to whoever asked. */
export type StateChange<R> = { readonly state?: Omit<UpstreamState, 'revision' | 'change'> } & R

/**
 * Changes what the table knows of a provider: decides over the stored state, and again when another change came first.
 * Without a new state nothing is written.
 *
 * @param by - names this change among all others
 * @param known - the state as it was read a moment ago, if it was
 * @throws {RefreshError} `store` when the table does not answer, or never lets this change through
 */
export async function updateUpstream<R>(
  name: string,
  by: string,
  { store, clock, random }: Pick<Ports, 'store' | 'clock' | 'random'>,
  decide: (stored: UpstreamState, now: number) => StateChange<R>,
  known?: UpstreamState,
): Promise<R> {
  let stored = known ?? (await storeCall(store.upstreams.get(name)))
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const decision = decide(stored, clock.now())
    if (!decision.state) return decision
    const to = { ...decision.state, revision: stored.revision + 1, change: by }
    const replaced = await storeCall(store.upstreams.replace(name, to))
    if (replaced.written) return decision
    stored = replaced.stored
    await clock.sleep(Math.ceil(random() * Math.min(MAX_PAUSE_MS, 4 * tries)))
  }
  throw new RefreshError(
    'store',
    `expected to change the state of ${name}, got another change first ${MAX_TRIES} times`,
    { scope: 'provider' },
  )
}
