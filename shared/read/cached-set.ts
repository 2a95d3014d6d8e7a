import type { Job } from '#shared/declare/job.ts'
import { compress } from '#shared/domain/codec.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import {
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
import { type Representation, representation } from './representation.ts'

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
}

/** Caches a snapshot. Its representation is built on first use, and again when an entry is no longer servable. */
export function cachedSet(head: SnapshotHead, entries: readonly SnapshotEntry[], job: Job): CachedSet {
  const timed = withConfirmedTimes(head, entries)
  const policy = policyOf(head)
  const servableAt = memoizeUntil((now) => {
    const servable = timed.filter((entry) => isServable(entry, policy, now))
    const until = servable.reduce(
      (earliest, entry) => Math.min(earliest, servableUntil(entry, policy)),
      Number.POSITIVE_INFINITY,
    )
    return { value: servable, until }
  })
  const representationOf = memoizeLast((servable: readonly SnapshotEntry[]) => {
    const body = envelopeOf(job.envelope).wrap(servable.map(entryMember), head)
    const etag = setEtag(head, servable.length)
    return representation({ ...head, etag, body: compress(JSON.stringify(body)) })
  })
  const setOf = memoizeLast((servable: readonly SnapshotEntry[]) => toStoredSet({ head, entries: servable }))
  return {
    fence: head.fence,
    version: head.version,
    head,
    entries,
    representationAt: (now) => representationOf(servableAt(now)),
    setAt: (now) => setOf(servableAt(now)),
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
