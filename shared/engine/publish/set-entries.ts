import { defined } from '#shared/domain/defined.ts'
import { assertNever, RefreshError } from '#shared/domain/errors.ts'
import { isInvalidated } from '#shared/domain/freshness.ts'
import { isServable, type SnapshotEntry, type SnapshotSet } from '#shared/domain/records/snapshot.ts'
import { missingConfirmedValue } from '../model/results.ts'
import type { KeyResult, Work } from '../model/run-state.ts'
import { renderEntry } from './render.ts'
import type { SetMember } from './set-members.ts'

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
