import { RefreshError } from '#shared/domain/errors.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import type { AcceptContext, ItemBody, Members, ParseContext, Previous } from '../model/refresh.ts'
import type { Work } from '../model/run-state.ts'

/** What is to be served of a value that passed: one body, or many of one answer. */
export type PublishContent =
  | { readonly body: ItemBody; readonly members?: undefined }
  | { readonly body?: undefined; readonly members: Members }

/** Bodies that passed: the value, and what to serve of it. */
export type ValidatedValue<V> = { readonly value: V } & PublishContent

/** Thrown for a value that parses but is not believed: the value is kept aside with the body. */
export class RejectedValueError extends RefreshError {
  readonly value: unknown

  constructor(message: string, value: unknown) {
    super('rejected', message)
    this.value = value
  }
}

/**
 * Parses the bodies of one request and decides whether the value may replace the stored one.
 *
 * @param previous - the stored value, if it has not expired
 * @param aside - what an earlier run rejected for this key
 * @throws {RefreshError} `malformed` when the shape is wrong; {@link RejectedValueError} when the gate refuses
 */
export function validateBodies<V>(
  bodies: readonly (object | null)[],
  context: ParseContext,
  previous: Previous | undefined,
  aside: RejectedRecord | undefined,
  { job, refresh }: Pick<Work<V>, 'job' | 'refresh'>,
): ValidatedValue<V> {
  const value = parse(() => refresh.parse(bodies, context))
  const earlier = aside && earlierRejection<V>(aside, previous)
  const verdict = refresh.accept(value, {
    ...context,
    ...(previous ? { previous } : {}),
    ...(earlier ? { rejected: earlier } : {}),
  })
  if (!verdict.accepted) throw new RejectedValueError(verdict.message, value)
  if (refresh.members) {
    const members = refresh.members(value, context)
    if (members.bodies.length > 0) return { value, members }
    throw new RejectedValueError('expected members of a set, got an answer without any', value)
  }
  if (!refresh.item) throw new RefreshError('defect', 'expected a refresh with item or members, got neither')
  const body = refresh.item(value, context)
  if (body.isEmpty && job.freshness.emptyForMs === undefined) {
    throw new RejectedValueError('expected data, got an answer without any', value)
  }
  return { value, body }
}

function parse<V>(read: () => V): V {
  try {
    return read()
  } catch (error) {
    throw malformedError(error)
  }
}

/** Whatever was thrown while a body was read says that it has not the declared shape. */
export function malformedError(error: unknown): RefreshError {
  if (error instanceof RefreshError) return error
  const message = `the body has not the declared shape: ${describeIssues(error).slice(0, 500)}`
  return new RefreshError('malformed', message, { cause: error })
}

/** What a schema found wrong, place by place on one line, in place of the dump that is its message. */
function describeIssues(error: unknown): string {
  const { issues } = (error ?? {}) as { issues?: unknown }
  if (Array.isArray(issues)) return issues.map(issueText).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function issueText({ path, expected, message }: { path?: unknown; expected?: unknown; message?: unknown }) {
  const what = typeof expected === 'string' ? `expected ${expected}` : String(message)
  return Array.isArray(path) && path.length > 0 ? `${path.join('.')}: ${what}` : what
}

/** A rejected value counts only until the stored one is confirmed again. */
function earlierRejection<V>(
  aside: RejectedRecord,
  previous: Previous | undefined,
): AcceptContext<V>['rejected'] {
  if (aside.value === undefined || (previous && aside.rejectedAt <= previous.checkedAt)) return undefined
  return { value: JSON.parse(aside.value) as V, at: aside.rejectedAt }
}
