import { defined } from '#shared/domain/defined.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import type { SnapshotSet } from '#shared/domain/records/snapshot.ts'
import type { ValidationResult } from '../fetch/fetch-results.ts'
import type { HistoryEntry, ItemBody } from '../model/refresh.ts'
import { expectFits } from './render.ts'

/** A run's result for one member of a snapshot. */
export type SetMember = { readonly key: string } & (
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
