import { defined } from '../defined.ts'
import { type FreshnessPolicy, freshnessTimes } from '../freshness.ts'
import { isJson, type JsonValue } from '../json.ts'
import { confirmedFlaw, MAX_CLOCK_SKEW_MS, type Publication, type Validator } from './publication.ts'

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
  /** How long an entry is fresh by itself, where the source's own time limits the freshness of the head. */
  readonly ageLimit?: { readonly freshForMs: number; readonly maxAsOfAgeMs: number }
}

/** Key of the only set of a job that stores a snapshot. */
export const SNAPSHOT_KEY = 'all'

/** Why a stored head cannot be believed, besides what it has in common with items; `undefined` when it can. */
export function headFlaw(
  { pages, count, pagesUntil, confirmedAt = 0, summary }: SnapshotHead,
  now: number,
): string | undefined {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0
  if (!isCount(pages) || pages === 0 || !isCount(count))
    return `expected pages and entries, got ${pages} and ${count}`
  if (!Number.isFinite(pagesUntil)) return `expected pagesUntil, got ${pagesUntil}`
  if (!(confirmedAt <= now + MAX_CLOCK_SKEW_MS)) return `expected confirmedAt in the past, got ${confirmedAt}`
  return summary === undefined || isJson(summary) ? undefined : 'expected a summary in JSON'
}

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
  ageLimit,
}: Omit<SnapshotHead, 'pages'>): FreshnessPolicy {
  return {
    freshForMs: freshUntil - checkedAt,
    serveStaleForMs: staleUntil - checkedAt,
    keepForMs: expiresAt - checkedAt,
    ...ageLimit,
  }
}

/** The times of one entry of a set, as if it were stored alone. Carried forward by a failure, it counts as degraded. */
export function entryTimes(entry: SnapshotEntry, head: Omit<SnapshotHead, 'pages'>, policy = policyOf(head)) {
  const { asOf, fetchedAt, checkedAt, etag } = entry
  const { dataSource, invalidatedAt } = head
  return {
    ...freshnessTimes(checkedAt, policy, asOf),
    asOf,
    fetchedAt,
    etag,
    degraded: isEntryDegraded(entry, head),
    dataSource,
    ...defined({ invalidatedAt }),
  }
}

/** Whether an entry lacks parts, or was carried forward while the set was refreshed. */
export function isEntryDegraded(
  { degraded, checkedAt }: Pick<SnapshotEntry, 'degraded' | 'checkedAt'>,
  head: Pick<SnapshotHead, 'checkedAt'>,
): boolean {
  return degraded || checkedAt < head.checkedAt
}

/**
 * Why an entry of a stored page cannot be believed; `undefined` when it can. Such an entry counts as missing.
 *
 * @param entry - a member of the page's JSON
 * @param isVerified - whether the page is known to be as it was written, so that its bodies need not be parsed
 */
export function entryFlaw(entry: unknown, now: number, isVerified: boolean): string | undefined {
  if (typeof entry !== 'object' || entry === null) return `expected an entry, got ${typeof entry}`
  const members = entry as Readonly<Record<string, unknown>>
  const mistyped = Object.entries(ENTRY_TYPES).find(([name, type]) => typeof members[name] !== type)
  if (mistyped) return `expected ${mistyped[0]} to be a ${mistyped[1]}, got ${typeof members[mistyped[0]]}`
  const { body, ...times } = entry as SnapshotEntry
  if (!isVerified && !isJson(body)) return 'expected a body in JSON'
  return confirmedFlaw(times, now)
}

const ENTRY_TYPES = {
  key: 'string',
  asOf: 'number',
  fetchedAt: 'number',
  checkedAt: 'number',
  degraded: 'boolean',
  etag: 'string',
  body: 'string',
}

/** Until when an entry may be served by its own times. */
export function servableUntil({ checkedAt, asOf }: SnapshotEntry, policy: FreshnessPolicy): number {
  const { staleUntil, expiresAt } = freshnessTimes(checkedAt, policy, asOf)
  return Math.min(staleUntil, expiresAt)
}

/** Whether an entry may be served by its own times: not when it was carried forward for too long. */
export function isServable(entry: SnapshotEntry, policy: FreshnessPolicy, now: number): boolean {
  return now < servableUntil(entry, policy)
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
