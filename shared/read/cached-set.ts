import type { Job } from '#shared/declare/job.ts'
import { compress } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import {
  entryTimes,
  isEntryDegraded,
  isServable,
  policyOf,
  type SnapshotEntry,
  type SnapshotHead,
  type StoredSet,
  servableUntil,
  toStoredSet,
  withConfirmedTimes,
} from '#shared/domain/records/snapshot.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { mergeFreshness } from './composed-cache.ts'
import { type PublicationTimes, type Representation, representation } from './representation.ts'

/** A cached value of a key. */
export interface CachedValue {
  readonly fence: number
  /** The representation to serve at a time (epoch ms). */
  representationAt(now: number): Representation
}

/** A cached snapshot. */
export interface CachedSet extends CachedValue {
  readonly version: string
  readonly head: SnapshotHead
  readonly entries: readonly SnapshotEntry[]
  /** The set that views read at a time (epoch ms). */
  setAt(now: number): StoredSet
  /** The times of the whole set at a time (epoch ms): it is degraded while an entry is that can be served. */
  timesAt(now: number): PublicationTimes
  /** The times of a response that is made from these entries alone; of the whole set if none of them can be served. */
  memberTimesAt(keys: Iterable<string>, now: number): PublicationTimes
}

/** Caches a snapshot. Its representation is built on first use, and again when an entry is no longer servable. */
export function cachedSet(head: SnapshotHead, entries: readonly SnapshotEntry[], job: Job): CachedSet {
  const timed = withConfirmedTimes(head, entries)
  const policy = policyOf(head)
  const servableAt = memoizeUntil((now) => {
    const servable = timed.filter((entry) => isServable(entry, policy, now))
    const ends = servable.map((entry) => servableUntil(entry, policy))
    return { value: servable, until: Math.min(...ends) }
  })
  const timesOf = memoizeLast((servable: readonly SnapshotEntry[]): PublicationTimes => {
    const served = new Set(servable)
    const dropped = timed.filter((entry) => !served.has(entry))
    // pages are written when an entry is confirmed; later confirmations of the whole set leave the entries as they are
    const changes = [
      ...entries.map(({ checkedAt }) => checkedAt),
      ...dropped.map((entry) => servableUntil(entry, policy)),
    ]
    return {
      ...head,
      degraded: servable.some((entry) => isEntryDegraded(entry, head)),
      modifiedAt: Math.max(head.fetchedAt, ...changes),
    }
  })
  const memberTimesOf = memoizeLast((servable: readonly SnapshotEntry[]) => {
    const { modifiedAt } = timesOf(servable)
    return new Map(
      servable.map((entry) => [
        entry.key,
        { ...entryTimes(entry, head, policy), ...defined({ modifiedAt }) } satisfies PublicationTimes,
      ]),
    )
  })
  const representationOf = memoizeLast((servable: readonly SnapshotEntry[]) => {
    const times = timesOf(servable)
    const body = envelopeOf(job.envelope).wrap(servable.map(entryMember), times)
    const etag = setEtag(head, servable.length)
    // unlike the bodies of views, this one has the time of the last check
    const modifiedAt = Math.max(times.modifiedAt ?? 0, head.checkedAt)
    return representation({ ...times, modifiedAt, etag, body: compress(JSON.stringify(body)) })
  })
  const setOf = memoizeLast((servable: readonly SnapshotEntry[]) => toStoredSet({ head, entries: servable }))
  return {
    fence: head.fence,
    version: head.version,
    head,
    entries,
    representationAt: (now) => representationOf(servableAt(now)),
    setAt: (now) => setOf(servableAt(now)),
    timesAt: (now) => timesOf(servableAt(now)),
    memberTimesAt: (keys, now) => {
      const servable = servableAt(now)
      const all = memberTimesOf(servable)
      const parts = [...keys].flatMap((key) => all.get(key) ?? [])
      return parts.length === 0 ? timesOf(servable) : mergeFreshness(parts)
    },
  }
}

/** The body depends on the check time and on how many entries are still servable, so the tag does too. */
function setEtag({ etag, checkedAt }: SnapshotHead, count: number): string {
  return `${etag}-${checkedAt.toString(36)}-${count}`
}

function entryMember(entry: SnapshotEntry): JsonValue {
  return {
    key: entry.key,
    as_of: isoSeconds(entry.asOf),
    fetched_at: isoSeconds(entry.fetchedAt),
    checked_at: isoSeconds(entry.checkedAt),
    degraded: entry.degraded,
    data: JSON.parse(entry.body) as JsonValue,
  }
}

/** Memoizes a value that depends on the time, until the time at which `make` limits it. */
function memoizeUntil<T>(make: (now: number) => { readonly value: T; readonly until: number }) {
  let memo: { readonly value: T; readonly from: number; readonly until: number } | undefined
  return (now: number): T => {
    if (!memo || now >= memo.until || now < memo.from) memo = { ...make(now), from: now }
    return memo.value
  }
}

/** Memoizes the result for the last argument, compared by identity. */
function memoizeLast<Source extends object, T>(make: (source: Source) => T) {
  let memo: { readonly source: Source; readonly value: T } | undefined
  return (source: Source): T => {
    if (memo?.source !== source) memo = { source, value: make(source) }
    return memo.value
  }
}
