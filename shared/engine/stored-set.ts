import type { SnapshotEntry, SnapshotHead } from '#shared/domain/records/snapshot.ts'
import type { JsonValue, StoredSet } from './refresh.ts'
import { isServable, policyOf } from './snapshot-view.ts'

/** A stored snapshot as another one is made from it; without entries when its pages cannot be read. */
export interface SnapshotSet<H = SnapshotHead> {
  readonly head: H
  readonly entries: readonly SnapshotEntry[]
}

/** What a run finds stored before it plans. */
export interface StoredInputs {
  readonly inputs: ReadonlyMap<string, StoredSet>
  /** The job's own set, where it stores one. */
  readonly ownSet?: SnapshotSet
}

/** A set as a job's functions see it: what cannot be served any more is not in it. */
export function storedSet(
  { head, entries }: SnapshotSet<Omit<SnapshotHead, 'pages'>>,
  now: number,
): StoredSet {
  const policy = policyOf(head)
  return toStoredSet({ head, entries: entries.filter((entry) => isServable(entry, policy, now)) })
}

/** The same of entries that can all be served. They are decoded when looked at. */
export function toStoredSet({ head, entries }: SnapshotSet<Omit<SnapshotHead, 'pages'>>): StoredSet {
  return {
    head: head.summary === undefined ? null : (JSON.parse(head.summary) as JsonValue),
    upstream: head.source,
    fetchedAt: head.fetchedAt,
    entries: new Map(entries.map((entry) => [entry.key, decodedEntry(entry)])),
  }
}

/** An entry's data, parsed when first looked at. */
export function decodedEntry({ asOf, body }: Pick<SnapshotEntry, 'asOf' | 'body'>) {
  let data: JsonValue | undefined
  return {
    asOf,
    get data() {
      data ??= JSON.parse(body) as JsonValue
      return data
    },
  }
}
