import type { Clock } from '#shared/domain/ports/clock.ts'

/** For so long a copy is served without a look at the table; far below any refresh period. */
const ENTRY_MAX_AGE_MS = 5_000

/** For so long nobody looks again at what could not be read: a look that fails may take seconds. */
const FAILURE_MAX_AGE_MS = 1_000

/** For so long nobody looks again for what is not there: short against any refresh. */
const ABSENCE_MAX_AGE_MS = 1_000

const MAX_ENTRIES = 1_000

/** Something read; with `failure`, the table did not answer and the value is an older copy, or none. */
export interface CacheResult<T> {
  readonly value: T | undefined
  readonly failure?: unknown
}

/** Asks the table; given is the copy that memory holds. */
type Load<T> = (held: T | undefined) => Promise<T | undefined>

export interface Cache<T> {
  /** A copy that is young enough to be served without a look at the table, if memory has one. */
  getRecent(key: string): CacheResult<T> | undefined
  /**
   * The value of a key: a copy that is seconds old, else what `load` gives. Concurrent callers share one load. When
   * it fails, an older copy is given, with the failure. That there is nothing is remembered for a second.
   */
  read(key: string, load: Load<T>): Promise<CacheResult<T>>
  /** Asks the table again, however young the copy; shares a load that is under way. */
  reload(key: string, load: Load<T>): Promise<CacheResult<T>>
}

/** Module-scope memory of one process: it outlives invocations, not the process. */
export function cache<T>(clock: Clock): Cache<T> {
  const copies = new Map<string, { readonly value: T; readonly readAt: number }>()
  // apart from the copies: whoever asks for what nobody has must not push out what others read
  const absences = new Map<string, number>()
  const failures = new Map<string, { readonly failure: unknown; readonly at: number }>()
  const loading = new Map<string, Promise<CacheResult<T>>>()

  const reload = (key: string, load: Load<T>): Promise<CacheResult<T>> => {
    const underway = loading.get(key)
    if (underway) return underway
    const started = attempt(key, load).finally(() => loading.delete(key))
    loading.set(key, started)
    return started
  }

  const attempt = async (key: string, load: Load<T>): Promise<CacheResult<T>> => {
    const readAt = clock.now()
    try {
      const value = await load(copies.get(key)?.value)
      keep(key, value, readAt)
      failures.delete(key)
      return { value }
    } catch (failure) {
      if (failures.size >= MAX_ENTRIES) failures.clear()
      failures.set(key, { failure, at: clock.now() })
      return { value: copies.get(key)?.value, failure }
    }
  }

  const keep = (key: string, value: T | undefined, readAt: number) => {
    copies.delete(key)
    absences.delete(key)
    if (value === undefined) {
      if (absences.size >= MAX_ENTRIES) absences.clear()
      absences.set(key, readAt)
      return
    }
    copies.set(key, { value, readAt })
    const oldest = copies.size > MAX_ENTRIES ? copies.keys().next().value : undefined
    if (oldest !== undefined) copies.delete(oldest)
  }

  const getRecent = (key: string): CacheResult<T> | undefined => {
    const now = clock.now()
    const copy = copies.get(key)
    if (copy) return now - copy.readAt < ENTRY_MAX_AGE_MS ? { value: copy.value } : undefined
    const absentAt = absences.get(key)
    return absentAt !== undefined && now - absentAt < ABSENCE_MAX_AGE_MS ? { value: undefined } : undefined
  }

  return {
    getRecent,
    reload,
    async read(key, load) {
      const copy = getRecent(key)
      if (copy) return copy
      const failed = failures.get(key)
      if (failed && clock.now() - failed.at < FAILURE_MAX_AGE_MS)
        return { value: copies.get(key)?.value, failure: failed.failure }
      return reload(key, load)
    },
  }
}
