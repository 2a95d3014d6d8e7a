import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/engine/freshness.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { isServable, SNAPSHOT_KEY, timedEntries } from '#shared/engine/snapshot-view.ts'
import { storedSet } from '#shared/engine/stored-set.ts'
import { envelopeOf, isoSeconds } from '#shared/http/envelopes.ts'
import type { Clock } from '#shared/ports/clock.ts'
import { compress } from '#shared/ports/codec.ts'
import type { Entry, Head, Item } from '#shared/ports/records.ts'
import type { ItemStore, SnapshotStore } from '#shared/ports/store.ts'
import { type Copy, memory } from './memory.ts'
import { type Representation, representation } from './representation.ts'
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

/** What memory holds of a key. */
interface Held {
  readonly fence: number
  /** What is to be served of it at a time. */
  at(now: number): Representation
}

interface HeldSet extends Held {
  readonly version: string
  readonly head: Head
  readonly entries: readonly Entry[]
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
  const items = memory<Held>(clock)
  const sets = memory<HeldSet>(clock)
  return {
    async set(job) {
      const name = `${job.id} ${SNAPSHOT_KEY}`
      const { value: held, failure } = await sets.read(name, (seen) => wholeSet(store, job, seen))
      if (!held && failure !== undefined) throw failure
      const now = clock.now()
      if (!held || freshness(held.head, now) === 'gone') return undefined
      if (failure !== undefined) onCopy(failure)
      const { head, entries } = held
      const set = storedSet({ head, entries: timedEntries(head, entries) }, now)
      return { set, of: head, isCopy: failure !== undefined }
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
      const asked: string[] = []
      let looking: ReturnType<ItemStore['getMany']> | undefined
      // memory asks for each key before anything else happens, so that one look is for all of them
      const lookUp = (key: string) => {
        asked.push(key)
        looking ??= Promise.resolve().then(() => store.items.getMany(job.id, asked, { consistent: false }))
        return looking
      }
      const copies = await Promise.all(
        keys.map(async (key) => {
          const { value: held, ...copy } = await items.read(`${job.id} ${key}`, (seen) =>
            oneItem(seen, async (options) =>
              options ? store.items.get(job.id, key, options) : (await lookUp(key)).get(key),
            ),
          )
          return [key, servable(held, copy)] as const
        }),
      )
      return new Map(copies)
    },
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
  seen: Held | undefined,
  get: (options?: { consistent: true }) => Promise<Item | undefined>,
): Promise<Held | undefined> {
  const item = await sure(seen, get)
  if (!item || (seen && seen.fence > item.fence)) return item && seen
  const answer = representation(item)
  return { fence: item.fence, at: () => answer }
}

async function wholeSet(
  { snapshots }: ReadStore,
  job: Job,
  seen: HeldSet | undefined,
): Promise<HeldSet | undefined> {
  const head = await sure(seen, (options) => snapshots.head(job.id, SNAPSHOT_KEY, options))
  if (!head || (seen && seen.fence > head.fence)) return head && seen
  const isKnown = seen?.version === head.version
  const entries = isKnown ? seen.entries : await snapshots.entries(job.id, head)
  return (
    entries && { fence: head.fence, version: head.version, head, entries, at: composer(head, entries, job) }
  )
}

/** Puts the body together when it is first asked for, and again when an entry has left the set. */
function composer(head: Head, entries: readonly Entry[], job: Job): Held['at'] {
  const timed = timedEntries(head, entries)
  let members = -1
  let answer: Representation
  return (now) => {
    const servable = timed.filter((entry) => isServable(entry, job.freshness, now))
    if (servable.length !== members) {
      members = servable.length
      const body = envelopeOf(job.envelope).wrap(servable.map(member), head)
      answer = representation({ ...head, etag: setTag(head, members), body: compress(JSON.stringify(body)) })
    }
    return answer
  }
}

/** The members carry the time they were checked and leave the set one by one: either makes another body. */
function setTag({ etag, checkedAt }: Head, members: number): string {
  return `${etag}-${checkedAt.toString(36)}-${members}`
}

function member(entry: Entry): JsonValue {
  return {
    key: entry.key,
    as_of: isoSeconds(entry.asOf),
    fetched_at: isoSeconds(entry.fetchedAt),
    checked_at: isoSeconds(entry.checkedAt),
    degraded: entry.degraded,
    data: JSON.parse(entry.body) as JsonValue,
  }
}
