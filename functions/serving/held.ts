import type { Job } from '#shared/declare/job.ts'
import { compress } from '#shared/domain/codec.ts'
import type { SnapshotEntry, SnapshotHead } from '#shared/domain/records/snapshot.ts'
import type { JsonValue, StoredSet } from '#shared/engine/refresh.ts'
import { isServable, policyOf, servableUntil, withConfirmedTimes } from '#shared/engine/snapshot-view.ts'
import { toStoredSet } from '#shared/engine/stored-set.ts'
import { envelopeOf, isoSeconds } from '#shared/http/envelopes.ts'
import { memoizeLast, memoizeUntil } from './made-once.ts'
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
