import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ItemStore, SnapshotStore } from '#shared/domain/ports/store.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { SNAPSHOT_KEY, type SnapshotHead } from '#shared/domain/records/snapshot.ts'
import { Cache, type CacheResult } from './cache.ts'
import { type CachedSet, type CachedValue, cachedSet } from './cached-set.ts'
import { type Representation, representation, withTimes } from './representation.ts'
import type { ServableSet } from './view.ts'

/** The part of the store that reads use. It cannot write. */
export interface ReadStore {
  readonly items: Pick<ItemStore, 'get' | 'getMany'>
  readonly snapshots: Pick<SnapshotStore, 'head' | 'entries'>
}

interface CachedItem extends CachedValue {
  readonly runId: string
  readonly body: Representation
}

/** A read of the table; `consistent` for a second read after a replica had no value. */
type Get<T> = (options?: { consistent: true }) => Promise<T | undefined>

/**
 * The servable values of datasets: fresh or stale, never gone (I2). A module-scope cache stands before the table. Reads of
 * the table are eventually consistent, so a value with a lower fence than the cached one is ignored (I1).
 */
export class Datasets {
  readonly #store: ReadStore
  readonly #clock: Clock
  readonly #onFallback: (failure: unknown) => void
  readonly #items: Cache<CachedItem>
  readonly #sets: Cache<CachedSet>

  /** @param onFallback - called for each value that is served from memory because the table failed */
  constructor(store: ReadStore, clock: Clock, onFallback: (failure: unknown) => void = () => {}) {
    this.#store = store
    this.#clock = clock
    this.#onFallback = onFallback
    this.#items = new Cache(clock)
    this.#sets = new Cache(clock)
  }

  /** The servable value of a key. With `reload`, the table is read even if the cached value is recent. */
  async read(job: Job, key: string, reload = false): Promise<CacheResult<Representation>> {
    const method = reload ? 'reload' : 'read'
    const name = `${job.id} ${key}`
    return this.#servable(
      job.stored === 'snapshot'
        ? await this.#sets[method](name, (cached) => loadSet(this.#store, job, cached))
        : await this.#items[method](name, (cached) =>
            loadItem(cached, (options) => this.#store.items.get(job.id, key, options)),
          ),
    )
  }

  /** The servable values of distinct keys; those without a recent cached value are read in one request. */
  async readMany(
    job: Job,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, CacheResult<Representation>>> {
    const results = new Map<string, CacheResult<Representation>>()
    const missing: string[] = []
    for (const key of keys) {
      const recent = this.#items.getRecent(`${job.id} ${key}`)
      if (recent) results.set(key, this.#servable(recent))
      else missing.push(key)
    }
    for (const [key, result] of await this.#readTogether(job, missing)) results.set(key, result)
    return results
  }

  /** The servable set of a job that stores a snapshot. @throws the table's error, when nothing is cached either */
  async set(job: Job): Promise<ServableSet | undefined> {
    const { value: cached, failure } = await this.#sets.read(`${job.id} ${SNAPSHOT_KEY}`, (before) =>
      loadSet(this.#store, job, before),
    )
    if (!cached && failure !== undefined) throw failure
    const now = this.#clock.now()
    if (!cached || freshness(cached.head, now) === 'gone') return undefined
    const isFallback = failure !== undefined
    if (isFallback) this.#onFallback(failure)
    return {
      set: cached.setAt(now),
      times: cached.timesAt(now),
      timesOf: (keys) => cached.memberTimesAt(keys, now),
      isFallback,
    }
  }

  async #readTogether(
    job: Job,
    keys: readonly string[],
  ): Promise<readonly (readonly [string, CacheResult<Representation>])[]> {
    const { items } = this.#store
    const batch: string[] = []
    let request: ReturnType<ItemStore['getMany']> | undefined
    // The cache calls `load` for each key synchronously, so the batch is complete before the request is sent.
    const readInBatch = (key: string) => {
      batch.push(key)
      request ??= Promise.resolve().then(() => items.getMany(job.id, batch, { consistent: false }))
      return request
    }
    return Promise.all(
      keys.map(async (key) => {
        const result = await this.#items.read(`${job.id} ${key}`, (cached) =>
          loadItem(cached, async (options) =>
            options ? items.get(job.id, key, options) : (await readInBatch(key)).get(key),
          ),
        )
        return [key, this.#servable(result)] as const
      }),
    )
  }

  #servable({ value: cached, ...rest }: CacheResult<CachedValue>): CacheResult<Representation> {
    const now = this.#clock.now()
    const value = cached?.representationAt(now)
    const isServable = value !== undefined && freshness(value, now) !== 'gone'
    if (isServable && rest.failure !== undefined) this.#onFallback(rest.failure)
    return { ...rest, value: isServable ? value : undefined }
  }
}

/** A lagging replica may miss a value that another one has returned: then only a consistent read proves absence. */
async function confirmAbsence<T>(cached: CachedValue | undefined, get: Get<T>): Promise<T | undefined> {
  return (await get()) ?? (cached && get({ consistent: true }))
}

async function loadItem(cached: CachedItem | undefined, get: Get<Item>): Promise<CachedItem | undefined> {
  const item = await confirmAbsence(cached, get)
  if (!item || (cached && cached.fence > item.fence)) return item && cached
  const { fence, runId } = item
  const body = cached && isSameBody(cached, item) ? withTimes(cached.body, item) : representation(item)
  return { fence, runId, body, representationAt: () => body }
}

/** After a mere confirmation by the source, the cached body need not be decompressed again. */
function isSameBody({ runId, body }: CachedItem, item: Item): boolean {
  return runId === item.runId && body.fetchedAt === item.fetchedAt && body.etag === item.etag
}

async function loadSet(
  { snapshots }: ReadStore,
  job: Job,
  cached: CachedSet | undefined,
): Promise<CachedSet | undefined> {
  const head = await confirmAbsence(cached, (options) => snapshots.head(job.id, SNAPSHOT_KEY, options))
  if (!head || (cached && cached.fence > head.fence)) return head && cached
  if (cached?.version !== head.version) {
    const entries = await snapshots.entries(job.id, head)
    return entries && cachedSet(head, entries, job)
  }
  return isSameHead(cached.head, head) ? cached : cachedSet(head, cached.entries, job)
}

/** Whether a set was neither confirmed nor invalidated since it was cached. */
function isSameHead(cached: SnapshotHead, head: SnapshotHead): boolean {
  return (
    cached.fence === head.fence &&
    cached.checkedAt === head.checkedAt &&
    cached.confirmedAt === head.confirmedAt &&
    cached.freshUntil === head.freshUntil &&
    cached.invalidatedAt === head.invalidatedAt
  )
}
