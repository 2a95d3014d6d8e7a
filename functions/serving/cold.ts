import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Datasets } from './dataset.ts'
import type { RefreshRequests, RefreshTarget } from './refresh-requests.ts'
import type { Representation } from './representation.ts'

/** A reader waits no longer. */
const MAX_WAIT_MS = 8_000

const FIRST_POLL_MS = 100
const MAX_POLL_MS = 500

/** Cold fills that one process starts in a minute. */
const MAX_FILLS_PER_MINUTE = 30

/** How a wait for data that are not there ended. */
export type ColdFill =
  | { readonly status: 'filled'; readonly value: Representation }
  | { readonly status: 'empty' }
  | { readonly status: 'limited'; readonly retryAfterMs: number }

/**
 * Waits for a refresh of a key that is not stored: asks for it once, looks again until it is there, at most eight
 * seconds. Concurrent readers of one key share the wait.
 */
export function coldFills(found: Datasets, requests: RefreshRequests, clock: Clock) {
  const waiting = new Map<string, Promise<ColdFill>>()
  let started: number[] = []

  const fill = async (wanted: RefreshTarget, key: string): Promise<ColdFill> => {
    const deadline = clock.now() + MAX_WAIT_MS
    // memory may have remembered for a moment that nothing was there
    const { value: stored } = await found.read(wanted.job, key, true)
    if (stored) return { status: 'filled', value: stored }
    await requests.requestCold(wanted)
    for (let look = FIRST_POLL_MS; clock.now() < deadline; look = Math.min(look * 1.5, MAX_POLL_MS)) {
      await clock.sleep(Math.min(look, deadline - clock.now()))
      const { value } = await found.read(wanted.job, key, true)
      if (value) return { status: 'filled', value }
    }
    return { status: 'empty' }
  }

  return (wanted: RefreshTarget, key: string): Promise<ColdFill> => {
    const name = `${wanted.job.id} ${key}`
    const underway = waiting.get(name)
    if (underway) return underway
    const now = clock.now()
    started = started.filter((at) => now - at < 60_000)
    const oldest = started[0]
    if (oldest !== undefined && started.length >= MAX_FILLS_PER_MINUTE) {
      return Promise.resolve({ status: 'limited', retryAfterMs: oldest + 60_000 - now })
    }
    started.push(now)
    const filling = fill(wanted, key).finally(() => waiting.delete(name))
    waiting.set(name, filling)
    return filling
  }
}
