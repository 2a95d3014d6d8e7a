import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Project } from './check-in-group.ts'
import { hashFraction } from './seeded-values.ts'

/** A topic of a member. */
interface Topic {
  /** Beyond 2^53. */
  readonly id: bigint
  /** From 0 on. */
  readonly member: number
  readonly text: string
  readonly title?: string
  readonly createdAt: number
}

const STEP_MS = 7 * MINUTE_MS

/** Largest number of topics in one answer. */
const MAX_TOPICS = 100

const FIRST_ID = 82_800_000_000_000_012n

/** Two ids differ by more than the step of a double of their size. */
const ID_STEP = 1_000n

/** Texts with tags, one that cannot be decoded, one that is longer than what is stored, and one that is empty. */
const TEXTS = [
  '<e type="hashtag" hid="28500000003" title="%23morning%23" /> Five kilometres before breakfast.',
  'Thank you <e type="mention" uid="100000000000002" title="%40member-2" /> for the company!',
  '今天读完了第三章。\n明天继续。',
  'Broken <e type="hashtag" hid="28500000004" title="%E6%8" /> tag',
  '😀'.repeat(1_200),
  '',
]

/** The topics of a project at a time, newest first, at most a hundred: one in seven minutes. */
export function checkInTopics(seed: number, project: Project, now: number): readonly Topic[] {
  const { startAt, endAt = Number.POSITIVE_INFINITY, memberCount } = project
  if (memberCount === 0) return []
  const [first, last] = [Math.ceil(startAt / STEP_MS), Math.floor(Math.min(now, endAt) / STEP_MS)]
  return Array.from({ length: Math.min(MAX_TOPICS, Math.max(0, last - first + 1)) }, (_, index) =>
    topicOf(seed, project, last - index),
  )
}

function topicOf(seed: number, { id, memberCount }: Project, step: number): Topic {
  const random = (name: string, range: number) =>
    Math.floor(hashFraction(`${name} ${step} ${id} ${seed}`) * range)
  return {
    id: FIRST_ID + (BigInt(id) * 10_000n + BigInt(step % 10_000)) * ID_STEP,
    member: random('member', memberCount),
    text: TEXTS[random('text', TEXTS.length)] ?? '',
    ...(random('title', 5) === 0 && { title: 'Today' }),
    createdAt: step * STEP_MS,
  }
}
