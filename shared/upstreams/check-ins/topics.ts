import * as z from 'zod/mini'
import { orNull, rowList } from '../fields.ts'
import { expectFewLost, type LostRow, readPrivateRows } from '../rows.ts'
import { firstOf, identifier, lineOrNull, textOrNull, timeOrNull } from './fields.ts'
import { type CheckInUser, checkInUser } from './users.ts'

/** A topic of a member, without markup. */
export interface CheckInTopic {
  readonly topicId: string
  /** That of the topic, else the first 50 characters of its text. */
  readonly title: string | null
  /** At most 1,000 characters. */
  readonly content: string | null
  /** Milliseconds since the epoch. */
  readonly createdAt: number | null
  readonly user: CheckInUser | null
}

/** An answer with more unusable topics is not believed. */
const MAX_LOST_SHARE = 0.5

const MAX_STATED_TITLE_LENGTH = 200
const MAX_TITLE_LENGTH = 50
const MAX_CONTENT_LENGTH = 1_000

const body = z.object({ resp_data: z.object({ topics: rowList() }) })

/**
 * Parses the latest topics of a project, in the provider's order.
 *
 * @param now - milliseconds since the epoch
 * @throws {TypeError} when more than half of the topics are lost
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseTopics(
  answer: unknown,
  { now }: { readonly now: number },
): { readonly topics: readonly CheckInTopic[]; readonly lost: readonly LostRow[] } {
  const { topics } = body.parse(answer).resp_data
  const { rows, lost } = readPrivateRows(topics, topicAt(now), ({ topicId }) => topicId)
  expectFewLost('topics', lost, { total: topics.length, maxShare: MAX_LOST_SHARE })
  return { topics: rows, lost }
}

function topicAt(now: number): z.ZodMiniType<CheckInTopic> {
  const fields = z.object({
    topicId: identifier(),
    title: lineOrNull(MAX_STATED_TITLE_LENGTH),
    beginning: lineOrNull(MAX_TITLE_LENGTH),
    content: textOrNull(MAX_CONTENT_LENGTH),
    createdAt: timeOrNull(now),
    user: orNull(checkInUser()),
  })
  return z.pipe(
    z.pipe(z.transform(topicMembers), fields),
    z.transform(({ title, beginning, ...topic }) => ({ ...topic, title: title ?? beginning })),
  ) as z.ZodMiniType<CheckInTopic>
}

function topicMembers(raw: unknown) {
  const text = firstOf(raw, 'talk.text', 'text')
  return {
    // the text has all digits, whatever the provider's own programs make of the number
    topicId: firstOf(raw, 'topic_uid', 'topic_id'),
    title: firstOf(raw, 'title'),
    beginning: text,
    content: text,
    createdAt: firstOf(raw, 'create_time'),
    user: firstOf(raw, 'talk.owner', 'owner'),
  }
}
