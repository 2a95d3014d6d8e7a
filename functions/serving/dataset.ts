import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ItemStore, SnapshotStore } from '#shared/domain/ports/store.ts'
import type { Head } from '#shared/domain/records/snapshot.ts'
import { SNAPSHOT_KEY } from '#shared/engine/snapshot-view.ts'
import type { Item } from '#shared/ports/records/item.ts'
import { type Held, type HeldSet, heldSet } from './held.ts'
import { type Copy, memory } from './memory.ts'
import { type Representation, representation, republished } from './representation.ts'
import type { ServableSet } from './shape.ts'

/** The part of the store that reads see: nothing that writes. */
export interface ReadStore {
  readonly items: Pick<ItemStore, 'get' | 'getMany'>
  readonly snapshots: Pick<SnapshotStore, 'head' | 'entries'>
}

/** What can be served of a dataset right now. */
export interface Datasets {
  /** The servable answer of a key: fresh or stale, never one that is gone. `again` passes over a young copy. */
  read(job: Job, key: string, again?: boolean): Promise<Copy<Representation>>
  /** The same of many keys, each said once: those that memory holds no young copy of are looked up together. */
  readMany(job: Job, keys: readonly string[]): Promise<ReadonlyMap<string, Copy<Representation>>>
  /** The servable set of a job that stores one. @throws what the table throws, where no copy is left */
  set(job: Job): Promise<ServableSet | undefined>
}

interface HeldItem extends Held {
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
  const items = memory<HeldItem>(clock)
  const sets = memory<HeldSet>(clock)
  return {
    async set(job) {
      const name = `${job.id} ${SNAPSHOT_KEY}`
      const { value: held, failure } = await sets.read(name, (seen) => wholeSet(store, job, seen))
      if (!held && failure !== undefined) throw failure
      const now = clock.now()
      if (!held || freshness(held.head, now) === 'gone') return undefined
      if (failure !== undefined) onCopy(failure)
      return { set: held.setAt(now), of: held.head, isCopy: failure !== undefined }
    },

    async read(job, key, again = false) {
      const how = again ? 'reread' : 'read'
      const name = `${job.id} ${key}`
      const { value: held, ...copy } =
        job.stored === 'snapshot'
          ? await sets[how](name, (seen) => wholeSet(store, job, seen))
          : await items[how](name, (seen) =>
              oneItem(seen, (options) => store.items.get(job.id, key, options)),
            )
      return servable(held, copy)
    },

    async readMany(job, keys) {
      const copies = new Map<string, Copy<Representation>>()
      const asked: string[] = []
      for (const key of keys) {
        const copy = items.young(`${job.id} ${key}`)
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
  ): Promise<readonly (readonly [string, Copy<Representation>])[]> {
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
          oneItem(seen, async (options) =>
            options ? store.items.get(job.id, key, options) : (await lookUp(key)).get(key),
          ),
        )
        return [key, servable(held, copy)] as const
      }),
    )
  }

  /** What is gone is not served. */
  function servable(held: Held | undefined, copy: Pick<Copy<unknown>, 'failure'>): Copy<Representation> {
    const now = clock.now()
    const value = held?.at(now)
    const isServable = value !== undefined && freshness(value, now) !== 'gone'
    if (isServable && copy.failure !== undefined) onCopy(copy.failure)
    return { ...copy, value: isServable ? value : undefined }
  }
}

/** A replica that is behind may not have yet what another one has shown: absence is believed of the table itself only. */
async function sure<T>(
  seen: Held | undefined,
  get: (options?: { consistent: true }) => Promise<T | undefined>,
): Promise<T | undefined> {
  return (await get()) ?? (seen && get({ consistent: true }))
}

async function oneItem(
  seen: HeldItem | undefined,
  get: (options?: { consistent: true }) => Promise<Item | undefined>,
): Promise<HeldItem | undefined> {
  const item = await sure(seen, get)
  if (!item || (seen && seen.fence > item.fence)) return item && seen
  const { fence, runId } = item
  const answer = seen && isSameBody(seen, item) ? republished(seen.answer, item) : representation(item)
  return { fence, runId, answer, at: () => answer }
}

/** What a source has only confirmed since need not be decompressed again. */
function isSameBody({ runId, answer }: HeldItem, item: Item): boolean {
  return runId === item.runId && answer.fetchedAt === item.fetchedAt && answer.etag === item.etag
}

async function wholeSet(
  { snapshots }: ReadStore,
  job: Job,
  seen: HeldSet | undefined,
): Promise<HeldSet | undefined> {
  const head = await sure(seen, (options) => snapshots.head(job.id, SNAPSHOT_KEY, options))
  if (!head || (seen && seen.fence > head.fence)) return head && seen
  if (seen?.version !== head.version) {
    const entries = await snapshots.entries(job.id, head)
    return entries && heldSet(head, entries, job)
  }
  return isSameTime(seen.head, head) ? seen : heldSet(head, seen.entries, job)
}

/** Whether nobody has confirmed or marked a set since; what is made of it stands then. */
function isSameTime(seen: Head, head: Head): boolean {
  return (
    seen.fence === head.fence &&
    seen.checkedAt === head.checkedAt &&
    seen.confirmedAt === head.confirmedAt &&
    seen.freshUntil === head.freshUntil &&
    seen.invalidatedAt === head.invalidatedAt
  )
}
