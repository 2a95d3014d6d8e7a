import { type FreshnessPolicy, freshness, freshnessTimes } from '../freshness.ts'
import type { JsonValue } from '../json.ts'
import type { Publication, Validator } from './publication.ts'

/** One finished member of a snapshot, with times of its own. Times are milliseconds since the Unix epoch. */
export interface SnapshotEntry {
  readonly key: string
  readonly asOf: number
  readonly fetchedAt: number
  readonly checkedAt: number
  readonly degraded: boolean
  readonly etag: string
  /** The provider that it is from. */
  readonly source?: string
  /** Finished JSON text. */
  readonly body: string
  readonly validator?: Validator
}

/** What readers see of a snapshot first: flipped last, so that they see a whole set or the other. */
export interface SnapshotHead extends Publication {
  readonly count: number
  readonly pages: number
  /** Names the immutable pages that belong to this head. */
  readonly version: string
  /** Until then the pages live: longer than the head, because an unchanged set keeps its pages. */
  readonly pagesUntil: number
  /** When the whole set was last confirmed without a new body: the time of every entry then. */
  readonly confirmedAt?: number
  /** What the job says of the whole set, as JSON. */
  readonly summary?: string
}

/** The one set of a job that is stored as a snapshot. */
export const SNAPSHOT_KEY = 'all'

/** The entries of a head with the times that hold for them: a set confirmed as a whole was confirmed in each entry. */
export function withConfirmedTimes(
  head: SnapshotHead,
  entries: readonly SnapshotEntry[],
): readonly SnapshotEntry[] {
  const { confirmedAt } = head
  return confirmedAt === undefined ? entries : entries.map((entry) => ({ ...entry, checkedAt: confirmedAt }))
}

/** The policy that a head was published under. */
export function policyOf({
  checkedAt,
  freshUntil,
  staleUntil,
  expiresAt,
}: Omit<SnapshotHead, 'pages'>): FreshnessPolicy {
  return {
    freshForMs: freshUntil - checkedAt,
    serveStaleForMs: staleUntil - checkedAt,
    keepForMs: expiresAt - checkedAt,
  }
}

/** When an entry, by its own times, may be served no longer. */
export function servableUntil({ checkedAt }: SnapshotEntry, policy: FreshnessPolicy): number {
  const { staleUntil, expiresAt } = freshnessTimes(checkedAt, policy)
  return Math.min(staleUntil, expiresAt)
}

/** Whether an entry, by its own times, may still be served: one carried forward for too long may not. */
export function isServable(entry: SnapshotEntry, policy: FreshnessPolicy, now: number): boolean {
  return freshness(freshnessTimes(entry.checkedAt, policy), now) !== 'gone'
}

/** A stored snapshot as another one is made from it; without entries when its pages cannot be read. */
export interface SnapshotSet<H = SnapshotHead> {
  readonly head: H
  readonly entries: readonly SnapshotEntry[]
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

/** A snapshot as a job reads it. */
export interface StoredSet {
  /** What stands beside the entries; `null` where the job has nothing to say there. */
  readonly head: JsonValue
  /** The provider whose answers it holds. */
  readonly upstream: string
  readonly fetchedAt: number
  readonly entries: ReadonlyMap<string, { readonly data: JsonValue; readonly asOf: number }>
}
