import type { Job } from '#shared/declare/job.ts'
import type { Bus, RefreshCause } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { StateStore } from '#shared/domain/ports/store.ts'

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
