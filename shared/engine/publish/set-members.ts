import { hashOf } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { asRefreshError, assertNever, RefreshError } from '#shared/domain/errors.ts'
import {
  type FreshnessPolicy,
  type FreshnessTimes,
  freshnessTimes,
  isInvalidated,
} from '#shared/domain/freshness.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import {
  isEntryDegraded,
  isServable,
  policyOf,
  SNAPSHOT_KEY,
  type SnapshotEntry,
  type SnapshotHead,
  type SnapshotSet,
  versionOf,
} from '#shared/domain/records/snapshot.ts'
import type { ValidationResult } from '../fetch/fetch-all.ts'
import type { HistoryEntry, ItemBody, SetSummary } from '../model/refresh.ts'
import type { KeyResult, LeasedRun, Work } from '../model/run-state.ts'
import { missingConfirmedValue } from './items.ts'
import { expectFits, renderEntry } from './render.ts'

/** A run's result for one member of a snapshot. */
type SetMember = { readonly key: string } & (
  | {
      readonly kind: 'value'
      readonly body: ItemBody
      readonly upstream: string
      readonly dataSource: DataSource
      readonly validator?: Validator
    }
  | { readonly kind: 'unchanged' }
  /** With the provider, when it answered without this member. */
  | { readonly kind: 'failure'; readonly error: RefreshError; readonly upstream?: string }
)

/** The members that one request contributes to a snapshot, and the value that they were made from. */
export interface MemberBatch {
  readonly members: readonly SetMember[]
  readonly value?: unknown
  /** When the provider made the answer; absent for a failure. */
  readonly answeredAt?: number
}

/** The members of one request. A member that fits no page fails by itself, not the whole set. */
export function memberBatch(result: ValidationResult): MemberBatch {
  if (result.kind === 'failure') return { members: [result] }
  const { key, answeredAt } = result
  if (result.kind === 'unchanged') return { members: [{ key, kind: 'unchanged' }], answeredAt }
  const { value, body, members, upstream, dataSource, validator } = result
  const origin = { upstream, dataSource, ...defined({ validator }) }
  if (body) return { value, answeredAt, members: [checkedMember({ key, body, ...origin })] }
  const present = members.bodies.map(({ key: memberKey, ...rest }) =>
    checkedMember({ key: memberKey, body: rest, ...origin }),
  )
  const missing = members.missing.map((member): SetMember => {
    const error = new RefreshError('rejected', member.message)
    return { key: member.key, kind: 'failure', error, upstream }
  })
  return { value, answeredAt, members: [...present, ...missing] }
}

function checkedMember(member: Omit<Extract<SetMember, { kind: 'value' }>, 'kind'>): SetMember {
  try {
    expectFits(member.body)
    return { kind: 'value', ...member }
  } catch (thrown) {
    return { key: member.key, kind: 'failure', error: asRefreshError(thrown), upstream: member.upstream }
  }
}

/** The rows of history of the members that a run has fetched. */
export function historyOf(members: readonly SetMember[]): readonly HistoryEntry[] {
  return members.flatMap((member) => (member.kind === 'value' ? (member.body.history ?? []) : []))
}

/** The inputs of a new set. */
export interface SetInputs<V> {
  readonly members: readonly SetMember[]
  readonly values: readonly V[]
  /** Whether the other members and the times of the set stay as they are. */
  readonly isPart: boolean
  readonly stored: SnapshotSet | undefined
  /** When the members that this run has fetched were checked. */
  readonly now: number
}

/** An answer that is at most this old when its set is published counts as made now. */
const MIN_ANSWER_AGE_MS = MINUTE_MS

/**
 * When the fetched members of a set were checked. This is now, unless an answer is more than a minute old: then it is the
 * time of the oldest answer, and never earlier than that of the stored set.
 */
export function checkTime(
  batches: readonly MemberBatch[],
  stored: SnapshotSet | undefined,
  now: number,
): number {
  const oldest = Math.min(...batches.map(({ answeredAt = now }) => answeredAt))
  return now - oldest > MIN_ANSWER_AGE_MS ? Math.max(oldest, stored?.head.checkedAt ?? 0) : now
}

/** The entries of the new set, sorted, and the result of each key of the run. */
export function buildEntries<V>(inputs: SetInputs<V>, { job, refresh }: Work<V>) {
  const { members, isPart, stored, now } = inputs
  const servable = stored?.entries.filter((entry) => isServable(entry, job.freshness, now)) ?? []
  const previous = new Map(servable.map((entry) => [entry.key, entry]))
  const invalidatedAt = stored?.head.invalidatedAt
  const built = members.map((member) =>
    buildEntry(member, previous.get(member.key), now, job.freshness.freshForMs, invalidatedAt),
  )
  const updated = new Map(built.flatMap(({ entry }) => (entry ? [[entry.key, entry] as const] : [])))
  // without its list, it is unknown which members a set still has
  const isListMissing =
    refresh.members !== undefined && members.some((member) => member.kind === 'failure' && !member.upstream)
  const carried = isPart || isListMissing ? servable.filter(({ key }) => !updated.has(key)) : []
  if (isPart) expectOneProvider(members, stored)
  const entries = [...updated.values(), ...carried].sort((a, b) => (a.key < b.key ? -1 : 1))
  return { entries, results: built.map(({ result }) => result) }
}

/** @throws {RefreshError} `rejected` when a part comes from another provider than the stored set */
function expectOneProvider(members: readonly SetMember[], stored: SnapshotSet | undefined): void {
  if (!stored) throw new RefreshError('rejected', 'expected a stored set to update a part of, got none')
  const { source } = stored.head
  for (const member of members) {
    if (member.kind !== 'value' || member.upstream === source) continue
    const message = `expected a part of the stored set of ${source}, got one of ${member.upstream}`
    throw new RefreshError('rejected', message)
  }
}

/** The head of a new set; a partial update keeps the times of the stored set. */
export function buildHead<V>(
  entries: readonly SnapshotEntry[],
  inputs: SetInputs<V>,
  summary: SetSummary | undefined,
  state: LeasedRun,
  work: Work<V>,
): Omit<SnapshotHead, 'pages'> {
  const { stored, isPart, now } = inputs
  const { job, refresh } = work
  const summaryText = summary && JSON.stringify(summary.head)
  const newestAsOf = Math.max(...entries.map((entry) => entry.asOf))
  const etags = entries.map((entry) => `${entry.key}\n${entry.etag}`)
  const times =
    isPart && stored ? partTimes(stored.head, newestAsOf) : wholeTimes(now, job.freshness, newestAsOf)
  return {
    key: SNAPSHOT_KEY,
    ...times,
    ...remainingInvalidation(entries, stored?.head),
    fence: state.fence,
    runId: state.record.id,
    etag: hashOf([...etags, ...(summaryText === undefined ? [] : [summaryText])].join('\n')),
    renderVersion: refresh.renderVersion,
    asOf: Math.min(...entries.map((entry) => entry.asOf)),
    degraded: entries.some((entry) => isEntryDegraded(entry, times)),
    source: providerOf(inputs, work),
    dataSource: dataSourceOf(inputs),
    count: entries.length,
    version: versionOf(state.fence),
    pagesUntil: now + 2 * job.freshness.keepForMs,
    ...defined({ summary: summaryText }),
  }
}

type HeadTimes = FreshnessTimes & Pick<SnapshotHead, 'fetchedAt' | 'ageLimit'>

function wholeTimes(now: number, policy: FreshnessPolicy, asOf: number): HeadTimes {
  return {
    ...freshnessTimes(now, policy, asOf),
    fetchedAt: now,
    ...defined({ ageLimit: ageLimitOf(policy) }),
  }
}

/** A part does not confirm the whole set; its newer source times may make it fresh again. */
function partTimes(head: SnapshotHead, asOf: number): HeadTimes {
  const { checkedAt, fetchedAt, ageLimit } = head
  const times = freshnessTimes(checkedAt, policyOf(head), asOf)
  return { ...times, fetchedAt, ...defined({ ageLimit }) }
}

/** An invalidation stays in force for entries that were not confirmed since. */
function remainingInvalidation(
  entries: readonly SnapshotEntry[],
  { invalidatedAt }: Pick<SnapshotHead, 'invalidatedAt'> = {},
): Pick<SnapshotHead, 'invalidatedAt'> {
  const isInForce = entries.some(({ checkedAt }) =>
    isInvalidated({ checkedAt, ...defined({ invalidatedAt }) }),
  )
  return isInForce ? defined({ invalidatedAt }) : {}
}

function ageLimitOf({ freshForMs, maxAsOfAgeMs }: FreshnessPolicy): SnapshotHead['ageLimit'] {
  return maxAsOfAgeMs === undefined ? undefined : { freshForMs, maxAsOfAgeMs }
}

/** The provider of a new set: that of its values, else that of the stored set. */
export function providerOf<V>({ members, stored }: SetInputs<V>, { upstream }: Work<V>): string {
  const value = members.find((member) => member.kind === 'value')
  return value?.upstream ?? stored?.head.source ?? upstream.name
}

function dataSourceOf<V>({ members, stored, isPart }: SetInputs<V>): DataSource {
  const sources = members.flatMap((member) => (member.kind === 'value' ? [member.dataSource] : []))
  if (stored && (sources.length === 0 || (isPart && stored.head.dataSource === 'simulated')))
    return stored.head.dataSource
  return sources.includes('simulated') ? 'simulated' : 'live'
}

/** Until when an entry that this run does not renew is fresh; an invalidation ends it. */
function confirmedUntil(checkedAt: number, freshForMs: number, invalidatedAt = 0): number {
  const freshUntil = checkedAt + freshForMs
  return isInvalidated({ checkedAt, invalidatedAt }) ? Math.min(freshUntil, invalidatedAt) : freshUntil
}

interface BuiltEntry {
  readonly entry: SnapshotEntry | undefined
  readonly result: KeyResult
}

/** The entry of one key in the new set, and its result. */
function buildEntry(
  member: SetMember,
  stored: SnapshotEntry | undefined,
  now: number,
  freshForMs: number,
  invalidatedAt: number | undefined,
): BuiltEntry {
  const { key } = member
  const provider = member.kind === 'unchanged' ? undefined : member.upstream
  // values of two providers are not comparable
  const isOfOther = provider !== undefined && (stored?.source ?? provider) !== provider
  const previous = isOfOther ? undefined : stored
  const freshUntil = now + freshForMs
  const previousFreshUntil = previous && confirmedUntil(previous.checkedAt, freshForMs, invalidatedAt)
  switch (member.kind) {
    case 'failure': {
      const { error } = member
      const times = defined({ freshUntil: previousFreshUntil, asOf: previous?.asOf })
      return { entry: previous, result: { key, status: 'failed', error, ...times } }
    }
    case 'unchanged':
      return previous
        ? {
            entry: { ...previous, checkedAt: now },
            result: { key, status: 'unchanged', freshUntil, asOf: previous.asOf },
          }
        : { entry: undefined, result: { key, status: 'failed', error: missingConfirmedValue() } }
    case 'value': {
      if (previous && previousFreshUntil !== undefined && member.body.asOf < previous.asOf) {
        const times = { freshUntil: previousFreshUntil, asOf: previous.asOf }
        const ignored = { storedAsOf: previous.asOf, fetchedAsOf: member.body.asOf }
        return { entry: previous, result: { key, status: 'unchanged', ...times, ignored } }
      }
      const entry = renderEntry(key, member, now)
      return previous?.etag === entry.etag
        ? {
            entry: { ...entry, fetchedAt: previous.fetchedAt },
            result: { key, status: 'unchanged', freshUntil, asOf: entry.asOf },
          }
        : { entry, result: { key, status: 'published', freshUntil, asOf: entry.asOf } }
    }
    default:
      return assertNever(member)
  }
}
