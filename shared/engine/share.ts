import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import type { ValidationResult } from './ask.ts'
import type { ItemBody } from './refresh.ts'
import { expectFits } from './render.ts'

/** What a run knows of one member of a snapshot. */
export type SetMember = { readonly key: string } & (
  | {
      readonly answer: 'value'
      readonly body: ItemBody
      readonly upstream: string
      readonly dataSource: DataSource
      readonly validator?: Validator
    }
  | { readonly answer: 'unchanged' }
  /** With the provider that answered, where one did and owes this member. */
  | { readonly answer: 'failure'; readonly error: RefreshError; readonly upstream?: string }
)

/** What one request gives to a snapshot: one member or many, and the value that they were made from. */
export interface MemberBatch {
  readonly members: readonly SetMember[]
  readonly value?: unknown
}

/** The members that a judgement stands for. One that no page can hold fails by itself, not the whole set. */
export function memberBatch(judged: ValidationResult): MemberBatch {
  if (judged.answer !== 'value') return { members: [judged] }
  const { key, value, body, members, upstream, dataSource, validator } = judged
  const from = { upstream, dataSource, ...(validator ? { validator } : {}) }
  if (body) return { value, members: [checkedMember({ key, body, ...from })] }
  return {
    value,
    members: [
      ...members.bodies.map(({ key: of, ...rest }) => checkedMember({ key: of, body: rest, ...from })),
      ...members.missing.map(
        ({ key: of, message }): SetMember => ({
          key: of,
          answer: 'failure',
          error: new RefreshError('rejected', message),
          upstream,
        }),
      ),
    ],
  }
}

function checkedMember(member: Omit<Extract<SetMember, { answer: 'value' }>, 'answer'>): SetMember {
  try {
    expectFits(member.body)
    return { answer: 'value', ...member }
  } catch (thrown) {
    return { key: member.key, answer: 'failure', error: asRefreshError(thrown), upstream: member.upstream }
  }
}
