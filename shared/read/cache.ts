import type { Clock } from '#shared/domain/ports/clock.ts'

/** How long an entry is served without a read of the table; far below any refresh interval. */
const ENTRY_MAX_AGE_MS = 5_000

/** How long a failed read is not repeated: one that fails may take seconds. */
const FAILURE_MAX_AGE_MS = 1_000

/** How long an absence is remembered; short compared with any refresh. */
const ABSENCE_MAX_AGE_MS = 1_000

const MAX_ENTRIES = 1_000

/** The result of a read. With `failure`, the table did not answer, and `value` is an older entry or `undefined`. */
export interface CacheResult<T> {
  readonly value: T | undefined
  readonly failure?: unknown
}

/** Reads the table. `cached` is the current entry. */
type Load<T> = (cached: T | undefined) => Promise<T | undefined>

/** Module-scope cache of one process: it outlives invocations, not the process. */
export class Cache<T> {
  readonly #clock: Clock
  readonly #entries = new Map<string, { readonly value: T; readonly readAt: number }>()
  // Absences have a map of their own, so that requests for unknown keys cannot evict entries.
  readonly #absences = new Map<string, number>()
  readonly #failures = new Map<string, { readonly failure: unknown; readonly at: number }>()
  readonly #loads = new Map<string, Promise<CacheResult<T>>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A result that is recent enough to be served without a read of the table; `undefined` if there is none. */
  getRecent(key: string): CacheResult<T> | undefined {
    const now = this.#clock.now()
    const entry = this.#entries.get(key)
    if (entry) return now - entry.readAt < ENTRY_MAX_AGE_MS ? { value: entry.value } : undefined
    const absentAt = this.#absences.get(key)
    return absentAt !== undefined && now - absentAt < ABSENCE_MAX_AGE_MS ? { value: undefined } : undefined
  }

  /**
   * The value of a key: the recent entry, or the result of `load`. Concurrent callers share one load. When it fails, the
   * result is the older entry with the failure.
   */
  async read(key: string, load: Load<T>): Promise<CacheResult<T>> {
    const recent = this.getRecent(key)
    if (recent) return recent
    const failed = this.#failures.get(key)
    if (failed && this.#clock.now() - failed.at < FAILURE_MAX_AGE_MS)
      return { value: this.#entries.get(key)?.value, failure: failed.failure }
    return this.reload(key, load)
  }

  /** Reads the table however recent the entry is; shares a load that is already running. */
  reload(key: string, load: Load<T>): Promise<CacheResult<T>> {
    const running = this.#loads.get(key)
    if (running) return running
    const started = this.#load(key, load).finally(() => this.#loads.delete(key))
    this.#loads.set(key, started)
    return started
  }

  async #load(key: string, load: Load<T>): Promise<CacheResult<T>> {
    const readAt = this.#clock.now()
    try {
      const value = await load(this.#entries.get(key)?.value)
      this.#store(key, value, readAt)
      this.#failures.delete(key)
      return { value }
    } catch (failure) {
      if (this.#failures.size >= MAX_ENTRIES) this.#failures.clear()
      this.#failures.set(key, { failure, at: this.#clock.now() })
      return { value: this.#entries.get(key)?.value, failure }
    }
  }

  #store(key: string, value: T | undefined, readAt: number): void {
    this.#entries.delete(key)
    this.#absences.delete(key)
    if (value === undefined) {
      if (this.#absences.size >= MAX_ENTRIES) this.#absences.clear()
      this.#absences.set(key, readAt)
      return
    }
    this.#entries.set(key, { value, readAt })
    const oldest = this.#entries.size > MAX_ENTRIES ? this.#entries.keys().next().value : undefined
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
