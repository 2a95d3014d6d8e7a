import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { areBeyondBounds } from '#shared/upstreams/field.ts'
import type { AcceptContext, ItemBody, Members, ParseContext, Previous } from '../model/refresh.ts'
import { type ReviewSummary, summarizeReview } from '../model/review.ts'
import type { Work } from '../model/run-state.ts'

/** The content of a valid value: one body, or the members of a snapshot. */
export type PublishContent =
  | { readonly body: ItemBody; readonly members?: undefined }
  | { readonly body?: undefined; readonly members: Members }

/** A valid value with its content, and what could not be used of it. */
export type ValidatedValue<V> = {
  readonly value: V
  readonly review: ReviewSummary | undefined
} & PublishContent

/** Thrown for a value that was parsed but is implausible: it is stored with the rejected body. */
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
 * @param context - with the stored value of the key, if it has not expired
 * @param rejected - the body that an earlier run rejected for this key
 * @throws {RefreshError} `malformed` when a body does not match its schema; {@link RejectedValueError} when the job
 *   rejects the value
 */
export function validateBodies<V>(
  bodies: readonly (object | null)[],
  context: ParseContext,
  rejected: RejectedRecord | undefined,
  { job, refresh }: Pick<Work<V>, 'job' | 'refresh'>,
): ValidatedValue<V> {
  const value = parse(() => refresh.parse(bodies, context))
  const earlier = rejected && earlierRejection<V>(rejected, context.previous)
  const verdict = refresh.accept(value, { ...context, ...defined({ rejected: earlier }) })
  if (!verdict.accepted) throw new RejectedValueError(verdict.message, value)
  const review = refresh.review && summarizeReview(refresh.review(value, context))
  if (refresh.members) {
    const members = notAhead(refresh.members(value, context), context)
    if (members.bodies.length > 0) return { value, review, members }
    throw new RejectedValueError('expected members of a set, got none', value)
  }
  if (!refresh.item) throw new RefreshError('defect', 'expected a refresh with item or members, got neither')
  const body = withTimeReached(refresh.item(value, context), context)
  if (body.isEmpty && job.freshness.emptyForMs === undefined) {
    throw new RejectedValueError('expected data, got an empty answer', value)
  }
  return { value, review, body }
}

/**
 * A body whose source time is not ahead of the clock: the clock of a source may be fast, but a value with a time to come
 * would make each value of the next minutes the older one.
 */
function withTimeReached<B extends ItemBody>(body: B, { now }: ParseContext): B {
  return body.asOf <= now ? body : { ...body, asOf: now }
}

function notAhead({ bodies, missing }: Members, context: ParseContext): Members {
  return { bodies: bodies.map((body) => withTimeReached(body, context)), missing }
}

function parse<V>(parseBodies: () => V): V {
  try {
    return parseBodies()
  } catch (error) {
    throw parserError(error)
  }
}

/** Converts an error of a parser: `rejected` when values are beyond their bounds, else `malformed`. */
export function parserError(error: unknown): RefreshError {
  if (error instanceof RefreshError) return error
  const { issues } = (error ?? {}) as { issues?: unknown }
  const isImplausible = Array.isArray(issues) && issues.length > 0 && areBeyondBounds(issues)
  const detail = describeIssues(error).slice(0, 500)
  return isImplausible
    ? new RefreshError('rejected', detail, { cause: error })
    : new RefreshError('malformed', `the body does not match its schema: ${detail}`, { cause: error })
}

/** The issues of a schema error on one line, in place of its JSON message. */
function describeIssues(error: unknown): string {
  const { issues } = (error ?? {}) as { issues?: unknown }
  if (Array.isArray(issues)) return issues.map(issueText).join('; ')
  return errorMessage(error)
}

function issueText({ path, expected, message }: { path?: unknown; expected?: unknown; message?: unknown }) {
  const issue = typeof expected === 'string' ? `expected ${expected}` : String(message)
  return Array.isArray(path) && path.length > 0 ? `${path.join('.')}: ${issue}` : issue
}

/** The rejected value, if the stored one was not confirmed since. */
function earlierRejection<V>(
  rejected: RejectedRecord,
  previous: Previous | undefined,
): AcceptContext<V>['rejected'] {
  if (rejected.value === undefined || (previous && rejected.rejectedAt <= previous.checkedAt))
    return undefined
  return { value: JSON.parse(rejected.value) as V, at: rejected.rejectedAt }
}
