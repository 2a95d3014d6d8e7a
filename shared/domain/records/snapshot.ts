import { type FreshnessPolicy, freshness, freshnessTimes } from '../freshness.ts'
import type { JsonValue } from '../json.ts'
import type { Publication, Validator } from './publication.ts'

/** One finished member of a snapshot, with its own times. Times are milliseconds since the Unix epoch. */
export interface SnapshotEntry {
  readonly key: string
  readonly asOf: number
  readonly fetchedAt: number
  readonly checkedAt: number
  readonly degraded: boolean
  readonly etag: string
  /** The provider that answered. */
  readonly source?: string
  /** Finished JSON text. */
  readonly body: string
  readonly validator?: Validator
}

/** Head of a snapshot: written after its pages, so that readers see the whole old set or the whole new one. */
export interface SnapshotHead extends Publication {
  readonly count: number
  readonly pages: number
  /** Names the immutable pages that belong to this head. */
  readonly version: string
  /** Expiry of the pages: later than that of the head, because an unchanged set keeps its pages. */
  readonly pagesUntil: number
  /** When the whole set was last confirmed without a new body; replaces `checkedAt` of every entry. */
  readonly confirmedAt?: number
  /** The job's data about the whole set, as JSON. */
  readonly summary?: string
}

/** Key of the only set of a job that stores a snapshot. */
export const SNAPSHOT_KEY = 'all'

/** The version that a run of this fence writes: versions sort by fence. */
export function versionOf(fence: number): string {
  return String(fence).padStart(12, '0')
}

/** The entries with their current times: a confirmation of the whole set confirms each entry. */
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

/** Until when an entry may be served by its own times. */
export function servableUntil({ checkedAt }: SnapshotEntry, policy: FreshnessPolicy): number {
  const { staleUntil, expiresAt } = freshnessTimes(checkedAt, policy)
  return Math.min(staleUntil, expiresAt)
}

/** Whether an entry may be served by its own times: not when it was carried forward for too long. */
export function isServable(entry: SnapshotEntry, policy: FreshnessPolicy, now: number): boolean {
  return freshness(freshnessTimes(entry.checkedAt, policy), now) !== 'gone'
}

/** A stored snapshot; without entries when its pages cannot be read. */
export interface SnapshotSet<H = SnapshotHead> {
  readonly head: H
  readonly entries: readonly SnapshotEntry[]
}

/** A set as jobs read it, without entries that may not be served any more. */
export function storedSet(
  { head, entries }: SnapshotSet<Omit<SnapshotHead, 'pages'>>,
  now: number,
): StoredSet {
  const policy = policyOf(head)
  return toStoredSet({ head, entries: entries.filter((entry) => isServable(entry, policy, now)) })
}

/** A set as jobs read it, with all its entries; their data are parsed on first access. */
export function toStoredSet({ head, entries }: SnapshotSet<Omit<SnapshotHead, 'pages'>>): StoredSet {
  return {
    head: head.summary === undefined ? null : (JSON.parse(head.summary) as JsonValue),
    upstream: head.source,
    fetchedAt: head.fetchedAt,
    checkedAt: head.checkedAt,
    entries: new Map(entries.map((entry) => [entry.key, decodedEntry(entry)])),
  }
}

/** An entry whose data are parsed on first access. */
export function decodedEntry({
  asOf,
  checkedAt,
  body,
}: Pick<SnapshotEntry, 'asOf' | 'checkedAt' | 'body'>): StoredEntry {
  let data: JsonValue | undefined
  return {
    asOf,
    checkedAt,
    get data() {
      data ??= JSON.parse(body) as JsonValue
      return data
    },
  }
}

/** A member of a snapshot as a job reads it. */
export interface StoredEntry {
  readonly data: JsonValue
  readonly asOf: number
  /** When an upstream last confirmed it: earlier than that of the set for a member that was carried forward. */
  readonly checkedAt: number
}

/** A snapshot as a job reads it. */
export interface StoredSet {
  /** The job's data about the whole set; `null` without any. */
  readonly head: JsonValue
  /** The provider that answered. */
  readonly upstream: string
  readonly fetchedAt: number
  readonly checkedAt: number
  readonly entries: ReadonlyMap<string, StoredEntry>
}
