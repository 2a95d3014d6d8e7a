import type { Job } from '#shared/declare/job.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { StateStore } from '#shared/domain/ports/store.ts'
import type { RefreshCause } from '#shared/domain/records/run-record.ts'
import type { Datasets } from './datasets.ts'
import type { Representation } from './representation.ts'

/** Each event is billed: one process asks for the same key at most once in so long. */
const MIN_INTERVAL_MS = 60_000

const MAX_REMEMBERED = 1_000

/** What a refresh is wanted for: a whole job, or one key of it. */
export interface RefreshTarget {
  readonly job: Job
  readonly key?: string
}

/** Asks for refreshes over the bus, sparingly. */
export interface RefreshRequests {
  /**
   * Asks for a refresh of stale data, unless this process did lately or somebody is at it.
   *
   * @throws when table or bus cannot be reached: the reader has an answer all the same
   */
  requestStale(wanted: RefreshTarget): Promise<void>
  /** Asks for a refresh that a reader waits for. */
  requestCold(wanted: RefreshTarget): Promise<void>
}

export function refreshRequests(bus: Bus, states: Pick<StateStore, 'get'>, clock: Clock): RefreshRequests {
  const asked = new Map<string, number>()
  const ask = ({ job, key }: RefreshTarget, cause: RefreshCause) =>
    bus.publish({
      type: 'refresh.requested',
      detail: { job: job.id, cause, ...(key === undefined ? {} : { key }) },
    })
  return {
    async requestStale(wanted) {
      const name = `${wanted.job.id} ${wanted.key ?? ''}`
      const now = clock.now()
      if (now - (asked.get(name) ?? Number.NEGATIVE_INFINITY) < MIN_INTERVAL_MS) return
      if (asked.size >= MAX_REMEMBERED) asked.clear()
      asked.set(name, now)
      const { lease } = await states.get(wanted.job.id)
      if (lease === undefined || lease.until <= now) await ask(wanted, 'stale-read')
    },
    requestCold: (wanted) => ask(wanted, 'cold-read'),
  }
}

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
