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

/** What memory holds of a key. */
export interface CachedValue {
  readonly fence: number
  /** What is to be served of it at a time. */
  representationAt(now: number): Representation
}

/** The same of a snapshot. */
export interface CachedSet extends CachedValue {
  readonly version: string
  readonly head: SnapshotHead
  readonly entries: readonly SnapshotEntry[]
  /** The set as shapes see it. */
  setAt(now: number): StoredSet
}

/** Each view is made when it is first asked for, and again when an entry has left the set. */
export function cachedSet(head: SnapshotHead, entries: readonly SnapshotEntry[], job: Job): CachedSet {
  const timed = withConfirmedTimes(head, entries)
  const policy = policyOf(head)
  const servableAt = memoizeUntil((now) => {
    const servable = timed.filter((entry) => isServable(entry, policy, now))
    const ends = servable.map((entry) => servableUntil(entry, policy))
    return {
      value: servable,
      until: ends.reduce((first, one) => Math.min(first, one), Number.POSITIVE_INFINITY),
    }
  })
  const answerOf = memoizeLast((servable: readonly SnapshotEntry[]) => {
    const body = envelopeOf(job.envelope).wrap(servable.map(entryMember), head)
    const etag = setEtag(head, servable.length)
    return representation({ ...head, etag, body: compress(JSON.stringify(body)) })
  })
  const setFrom = memoizeLast((servable: readonly SnapshotEntry[]) =>
    toStoredSet({ head, entries: servable }),
  )
  return {
    fence: head.fence,
    version: head.version,
    head,
    entries,
    representationAt: (now) => answerOf(servableAt(now)),
    setAt: (now) => setFrom(servableAt(now)),
  }
}

/** The members carry the time they were checked and leave the set one by one: either makes another body. */
function setEtag({ etag, checkedAt }: SnapshotHead, members: number): string {
  return `${etag}-${checkedAt.toString(36)}-${members}`
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

/** Makes a value when it is first asked for, and again when the time until which it lasts has come. */
export function memoizeUntil<T>(make: (now: number) => { readonly value: T; readonly until: number }) {
  let made: { readonly value: T; readonly from: number; readonly until: number } | undefined
  return (now: number): T => {
    if (!made || now >= made.until || now < made.from) made = { ...make(now), from: now }
    return made.value
  }
}

/** Makes a value of another one, once for as long as that is the same. */
export function memoizeLast<From extends object, T>(make: (from: From) => T) {
  let made: { readonly from: From; readonly value: T } | undefined
  return (from: From): T => {
    if (made?.from !== from) made = { from, value: make(from) }
    return made.value
  }
}
