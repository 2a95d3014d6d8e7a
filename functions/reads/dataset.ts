import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/engine/freshness.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { isServable, SNAPSHOT_KEY, timedEntries } from '#shared/engine/snapshot-view.ts'
import { envelopeOf, isoSeconds } from '#shared/http/envelopes.ts'
import type { Clock } from '#shared/ports/clock.ts'
import { compress } from '#shared/ports/codec.ts'
import type { Entry, Head, ItemStore, SnapshotStore } from '#shared/ports/store.ts'
import { type Copy, memory } from './memory.ts'
import { type Representation, representation } from './representation.ts'

/** The part of the store that reads see: nothing that writes. */
export interface ReadStore {
  readonly items: Pick<ItemStore, 'get'>
  readonly snapshots: Pick<SnapshotStore, 'head' | 'entries'>
}

/** What can be served of a dataset right now. */
export interface Datasets {
  /** The servable answer of a key: fresh or stale, never one that is gone. `again` passes over a young copy. */
  read(job: Job, key: string, again?: boolean): Promise<Copy<Representation>>
}

/** Datasets over the table, with module-scope memory before it. */
export function datasets(store: ReadStore, clock: Clock): Datasets {
  const copies = memory<Representation>(clock)
  return {
    async read(job, key, again = false) {
      const load = () =>
        job.stored === 'snapshot' ? wholeSet(store, job, clock.now()) : oneItem(store, job, key)
      const copy = await copies[again ? 'reread' : 'read'](`${job.id} ${key}`, load)
      const servable = copy.value !== undefined && freshness(copy.value, clock.now()) !== 'gone'
      return servable ? copy : { ...copy, value: undefined }
    },
  }
}

async function oneItem({ items }: ReadStore, job: Job, key: string): Promise<Representation | undefined> {
  const item = await items.get(job.id, key)
  return item && representation(item)
}

async function wholeSet(
  { snapshots }: ReadStore,
  job: Job,
  now: number,
): Promise<Representation | undefined> {
  const head = await snapshots.head(job.id, SNAPSHOT_KEY)
  if (!head) return undefined
  const entries = await snapshots.entries(job.id, head)
  if (!entries) return undefined
  const servable = timedEntries(head, entries).filter((entry) => isServable(entry, job.freshness, now))
  const data = servable.map(member)
  const body = envelopeOf(job.envelope).wrap(data, head)
  return representation({ ...head, etag: setTag(head, data.length), body: compress(JSON.stringify(body)) })
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
