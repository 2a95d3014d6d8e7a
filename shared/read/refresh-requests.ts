import type { Job } from '#shared/declare/job.ts'
import { MAX_COLD_FILLS_PER_MINUTE } from '#shared/declare/job-policies.ts'
import { defined } from '#shared/domain/defined.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ColdEnd, StateStore } from '#shared/domain/ports/store.ts'
import type { RefreshCause } from '#shared/domain/records/run-record.ts'
import type { Datasets } from './datasets.ts'
import type { Representation } from './representation.ts'

/** Each event is billed: one process requests the same refresh at most once in this time. */
const MIN_INTERVAL_MS = MINUTE_MS

const MAX_REMEMBERED = 1_000

/** What to refresh: a whole job, or one key of it. */
export interface RefreshTarget {
  readonly job: Job
  readonly key?: string
}

/** Requests refreshes over the bus. */
export class RefreshRequests {
  readonly #bus: Bus
  readonly #states: Pick<StateStore, 'get' | 'getColdEnd'>
  readonly #clock: Clock
  readonly #requestedAt = new Map<string, number>()

  constructor(bus: Bus, states: Pick<StateStore, 'get' | 'getColdEnd'>, clock: Clock) {
    this.#bus = bus
    this.#states = states
    this.#clock = clock
  }

  /**
   * Requests a refresh of stale data, unless this process did within the last minute or a run holds the lease.
   *
   * @throws when table or bus cannot be reached; the reader still gets the stale data
   */
  async requestStale(target: RefreshTarget): Promise<void> {
    const name = targetName(target)
    const now = this.#clock.now()
    if (now - (this.#requestedAt.get(name) ?? Number.NEGATIVE_INFINITY) < MIN_INTERVAL_MS) return
    if (this.#requestedAt.size >= MAX_REMEMBERED) this.#requestedAt.clear()
    this.#requestedAt.set(name, now)
    const { lease } = await this.#states.get(target.job.id)
    if (lease === undefined || lease.until <= now) await this.#publish(target, 'stale-read')
  }

  /** Requests a refresh for which a reader waits. */
  async requestCold(target: RefreshTarget): Promise<void> {
    await this.#publish(target, 'cold-read')
  }

  /** How the last run for a reader of the target ended without data. */
  lastColdEnd({ job, key }: RefreshTarget): Promise<ColdEnd | undefined> {
    return this.#states.getColdEnd(job.id, key)
  }

  async #publish({ job, key }: RefreshTarget, cause: RefreshCause): Promise<void> {
    await this.#bus.publish({
      type: 'refresh.requested',
      detail: { job: job.id, cause, ...defined({ key }) },
    })
  }
}

function targetName({ job, key = '' }: RefreshTarget): string {
  return `${job.id} ${key}`
}

/** The longest time that a reader waits. */
const MAX_WAIT_MS = 8_000

const FIRST_POLL_MS = 100
const MAX_POLL_MS = 500

/** The result of a wait for data that were not stored; `limited`: this process waits for too many keys already. */
export type ColdFill =
  | { readonly status: 'filled'; readonly value: Representation }
  /** `cause`: the failure with which the run ended, or because of which it could not call its provider. */
  | { readonly status: 'empty'; readonly cause?: FailReason }
  | { readonly status: 'limited'; readonly retryAfterMs: number }

/**
 * Fills keys that are not stored: requests one refresh and polls the table until the value is there or the run has ended
 * without one, for at most 8 s and 42 reads of the table. Concurrent readers of a key share the wait. A key of which it
 * is stored that the source does not have it is filled without a request.
 */
export class ColdFills {
  readonly #datasets: Datasets
  readonly #requests: RefreshRequests
  readonly #clock: Clock
  readonly #running = new Map<string, Promise<ColdFill>>()
  readonly #limits = new ColdFillLimits()

  constructor(datasets: Datasets, requests: RefreshRequests, clock: Clock) {
    this.#datasets = datasets
    this.#requests = requests
    this.#clock = clock
  }

  async fill(target: RefreshTarget, key: string): Promise<ColdFill> {
    const name = targetName({ job: target.job, key })
    const running = this.#running.get(name)
    if (running) return running
    const { value: absence } = await this.#datasets.read(target.job, key)
    if (absence) return { status: 'filled', value: absence }
    const startedMeanwhile = this.#running.get(name)
    if (startedMeanwhile) return startedMeanwhile
    const retryAfterMs = this.#limits.start(target.job, this.#clock.now())
    if (retryAfterMs !== undefined) return { status: 'limited', retryAfterMs }
    const started = this.#requestAndPoll(target, key).finally(() => this.#running.delete(name))
    this.#running.set(name, started)
    return started
  }

  async #requestAndPoll(target: RefreshTarget, key: string): Promise<ColdFill> {
    const deadline = this.#clock.now() + MAX_WAIT_MS
    // The cache may remember an absence, hence the reload.
    const read = async () => (await this.#datasets.read(target.job, key, true)).value
    const stored = await read()
    if (stored) return { status: 'filled', value: stored }
    const endBefore = await this.#requests.lastColdEnd(target)
    await this.#requests.requestCold(target)
    const schedule = { deadline, firstMs: FIRST_POLL_MS, maxMs: MAX_POLL_MS, startsWithWait: true }
    const fill = await pollUntil<ColdFill>(this.#clock, schedule, async () => {
      // a run that ended without data wrote its end last
      const end = await this.#requests.lastColdEnd(target)
      const value = await read()
      if (value) return { status: 'filled', value }
      return end?.runId === endBefore?.runId
        ? undefined
        : { status: 'empty', ...defined({ cause: end?.cause }) }
    })
    return fill ?? { status: 'empty' }
  }
}

/** Counts the cold fills of one process: all of them, and those of each preferred provider. */
class ColdFillLimits {
  #fills: readonly { readonly at: number; readonly upstream: string | undefined }[] = []

  /**
   * Counts a fill, if it is within both limits.
   *
   * @returns the time in ms after which a fill of the job is within them again; `undefined` if it is counted
   */
  start({ upstream, coldFillsPerMinute = MAX_COLD_FILLS_PER_MINUTE }: Job, now: number): number | undefined {
    this.#fills = this.#fills.filter(({ at }) => now - at < MINUTE_MS)
    const ofUpstream = this.#fills.filter((fill) => fill.upstream === upstream)
    const last = [this.#fills.at(-MAX_COLD_FILLS_PER_MINUTE), ofUpstream.at(-coldFillsPerMinute)]
    const ends = last.flatMap((fill) => (fill ? [fill.at + MINUTE_MS] : []))
    if (ends.length > 0) return Math.max(...ends) - now
    this.#fills = [...this.#fills, { at: now, upstream }]
    return undefined
  }
}
