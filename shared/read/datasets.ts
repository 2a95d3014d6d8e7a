import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ItemStore, SnapshotStore } from '#shared/domain/ports/store.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { SNAPSHOT_KEY, type SnapshotHead } from '#shared/domain/records/snapshot.ts'
import { type CacheResult, cache } from './cache.ts'
import { type CachedSet, type CachedValue, cachedSet } from './cached-set.ts'
import { type Representation, representation, withTimes } from './representation.ts'
import type { ServableSet } from './view.ts'

/** The part of the store that reads see: nothing that writes. */
export interface ReadStore {
  readonly items: Pick<ItemStore, 'get' | 'getMany'>
  readonly snapshots: Pick<SnapshotStore, 'head' | 'entries'>
}

/** What can be served of a dataset right now. */
export interface Datasets {
  /** The servable answer of a key: fresh or stale, never one that is gone. `again` passes over a young copy. */
  read(job: Job, key: string, again?: boolean): Promise<CacheResult<Representation>>
  /** The same of many keys, each said once: those that memory holds no young copy of are looked up together. */
  readMany(job: Job, keys: readonly string[]): Promise<ReadonlyMap<string, CacheResult<Representation>>>
  /** The servable set of a job that stores one. @throws what the table throws, where no copy is left */
  set(job: Job): Promise<ServableSet | undefined>
}

interface CachedItem extends CachedValue {
  readonly runId: string
  readonly answer: Representation
}

/**
 * Datasets over the table, with module-scope memory before it. Reads of the table are eventually consistent: an answer
 * of a lower fence than one that this process has seen is passed over.
 *
 * @param onCopy - told of each value that is given from memory because the table failed
 */
export function datasets(
  store: ReadStore,
  clock: Clock,
  onCopy: (failure: unknown) => void = () => {},
): Datasets {
  const items = cache<CachedItem>(clock)
  const sets = cache<CachedSet>(clock)
  return {
    async set(job) {
      const name = `${job.id} ${SNAPSHOT_KEY}`
      const { value: held, failure } = await sets.read(name, (seen) => loadSet(store, job, seen))
      if (!held && failure !== undefined) throw failure
      const now = clock.now()
      if (!held || freshness(held.head, now) === 'gone') return undefined
      if (failure !== undefined) onCopy(failure)
      return { set: held.setAt(now), times: held.head, isFallback: failure !== undefined }
    },

    async read(job, key, again = false) {
      const how = again ? 'reload' : 'read'
      const name = `${job.id} ${key}`
      const { value: held, ...copy } =
        job.stored === 'snapshot'
          ? await sets[how](name, (seen) => loadSet(store, job, seen))
          : await items[how](name, (seen) =>
              loadItem(seen, (options) => store.items.get(job.id, key, options)),
            )
      return servable(held, copy)
    },

    async readMany(job, keys) {
      const copies = new Map<string, CacheResult<Representation>>()
      const asked: string[] = []
      for (const key of keys) {
        const copy = items.getRecent(`${job.id} ${key}`)
        if (copy) copies.set(key, servable(copy.value, {}))
        else asked.push(key)
      }
      for (const [key, copy] of await lookedUp(job, asked)) copies.set(key, copy)
      return copies
    },
  }

  /** Those that memory holds no young copy of, with one look at the table. */
  async function lookedUp(
    job: Job,
    keys: readonly string[],
  ): Promise<readonly (readonly [string, CacheResult<Representation>])[]> {
    const asked: string[] = []
    let looking: ReturnType<ItemStore['getMany']> | undefined
    // memory asks for each key before anything else happens, so that one look is for all of them
    const lookUp = (key: string) => {
      asked.push(key)
      looking ??= Promise.resolve().then(() => store.items.getMany(job.id, asked, { consistent: false }))
      return looking
    }
    return Promise.all(
      keys.map(async (key) => {
        const { value: held, ...copy } = await items.read(`${job.id} ${key}`, (seen) =>
          loadItem(seen, async (options) =>
            options ? store.items.get(job.id, key, options) : (await lookUp(key)).get(key),
          ),
        )
        return [key, servable(held, copy)] as const
      }),
    )
  }

  /** What is gone is not served. */
  function servable(
    held: CachedValue | undefined,
    copy: Pick<CacheResult<unknown>, 'failure'>,
  ): CacheResult<Representation> {
    const now = clock.now()
    const value = held?.representationAt(now)
    const isServable = value !== undefined && freshness(value, now) !== 'gone'
    if (isServable && copy.failure !== undefined) onCopy(copy.failure)
    return { ...copy, value: isServable ? value : undefined }
  }
}

/** A replica that is behind may not have yet what another one has shown: absence is believed of the table itself only. */
async function confirmAbsence<T>(
  seen: CachedValue | undefined,
  get: (options?: { consistent: true }) => Promise<T | undefined>,
): Promise<T | undefined> {
  return (await get()) ?? (seen && get({ consistent: true }))
}

async function loadItem(
  seen: CachedItem | undefined,
  get: (options?: { consistent: true }) => Promise<Item | undefined>,
): Promise<CachedItem | undefined> {
  const item = await confirmAbsence(seen, get)
  if (!item || (seen && seen.fence > item.fence)) return item && seen
  const { fence, runId } = item
  const answer = seen && isSameBody(seen, item) ? withTimes(seen.answer, item) : representation(item)
  return { fence, runId, answer, representationAt: () => answer }
}

/** What a source has only confirmed since need not be decompressed again. */
function isSameBody({ runId, answer }: CachedItem, item: Item): boolean {
  return runId === item.runId && answer.fetchedAt === item.fetchedAt && answer.etag === item.etag
}

async function loadSet(
  { snapshots }: ReadStore,
  job: Job,
  seen: CachedSet | undefined,
): Promise<CachedSet | undefined> {
  const head = await confirmAbsence(seen, (options) => snapshots.head(job.id, SNAPSHOT_KEY, options))
  if (!head || (seen && seen.fence > head.fence)) return head && seen
  if (seen?.version !== head.version) {
    const entries = await snapshots.entries(job.id, head)
    return entries && cachedSet(head, entries, job)
  }
  return hasSameTimes(seen.head, head) ? seen : cachedSet(head, seen.entries, job)
}

/** Whether nobody has confirmed or marked a set since; what is made of it stands then. */
function hasSameTimes(seen: SnapshotHead, head: SnapshotHead): boolean {
  return (
    seen.fence === head.fence &&
    seen.checkedAt === head.checkedAt &&
    seen.confirmedAt === head.confirmedAt &&
    seen.freshUntil === head.freshUntil &&
    seen.invalidatedAt === head.invalidatedAt
  )
}
