import type { Job } from '#shared/declare/job.ts'
import { compress } from '#shared/domain/codec.ts'
import type { Entry, Head } from '#shared/domain/records/snapshot.ts'
import type { JsonValue, StoredSet } from '#shared/engine/refresh.ts'
import { goneAt, isServable, policyOf, timedEntries } from '#shared/engine/snapshot-view.ts'
import { setOf } from '#shared/engine/stored-set.ts'
import { envelopeOf, isoSeconds } from '#shared/http/envelopes.ts'
import { lasting, ofLast } from './made-once.ts'
import { type Representation, representation } from './representation.ts'

/** What memory holds of a key. */
export interface Held {
  readonly fence: number
  /** What is to be served of it at a time. */
  at(now: number): Representation
}

/** The same of a snapshot. */
export interface HeldSet extends Held {
  readonly version: string
  readonly head: Head
  readonly entries: readonly Entry[]
  /** The set as shapes see it. */
  setAt(now: number): StoredSet
}

/** Each view is made when it is first asked for, and again when an entry has left the set. */
export function heldSet(head: Head, entries: readonly Entry[], job: Job): HeldSet {
  const timed = timedEntries(head, entries)
  const policy = policyOf(head)
  const servableAt = lasting((now) => {
    const servable = timed.filter((entry) => isServable(entry, policy, now))
    const ends = servable.map((entry) => goneAt(entry, policy))
    return {
      value: servable,
      until: ends.reduce((first, one) => Math.min(first, one), Number.POSITIVE_INFINITY),
    }
  })
  const answerOf = ofLast((servable: readonly Entry[]) => {
    const body = envelopeOf(job.envelope).wrap(servable.map(member), head)
    const etag = setTag(head, servable.length)
    return representation({ ...head, etag, body: compress(JSON.stringify(body)) })
  })
  const setFrom = ofLast((servable: readonly Entry[]) => setOf({ head, entries: servable }))
  return {
    fence: head.fence,
    version: head.version,
    head,
    entries,
    at: (now) => answerOf(servableAt(now)),
    setAt: (now) => setFrom(servableAt(now)),
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
