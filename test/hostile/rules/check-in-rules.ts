import type { Json } from '../json.ts'
import { expectThat, isMembers, type Members, num, type RowRule } from './agreement-rule.ts'

const STATUSES = ['not_started', 'ongoing', 'closed', 'over']
const MAX_TITLE_OF_TEXT = 50

/** What agrees in records of check-in projects. */
export const checkInRules: readonly RowRule[] = [
  [
    'status of a project',
    ['project_id', 'status'],
    ({ status }) => expectThat(STATUSES.includes(String(status)), `one of ${STATUSES.join(', ')}`),
  ],
  [
    'end of a project',
    ['end_date', 'start_date', 'project_id'],
    (row) =>
      expectThat(
        Date.parse(String(row['end_date'])) >= Date.parse(String(row['start_date'])),
        `an end after ${row['start_date']}`,
      ),
  ],
  ['avg_checkins_per_member', ['avg_checkins_per_member', 'total_checkins', 'total_members'], averageRule],
  // the members of the nested form are no running totals
  ['average by form', ['form', 'total_members', 'total_checkins'], averageByForm],
  [
    'completion_rate',
    ['completion_rate', 'completed_members', 'total_members'],
    (row) => expectPerMember(row, 'completion_rate', 'completed_members'),
  ],
  [
    'completed_members',
    ['completed_members', 'total_members'],
    (row) =>
      expectThat(
        num(row, 'completed_members') <= num(row, 'total_members') &&
          (row['completion_rate'] === null) === (row['total_members'] === 0),
        `at most ${row['total_members']}, with their share`,
      ),
  ],
  [
    'active_members',
    ['active_members', 'date', 'total_checkins'],
    (row) =>
      expectThat(
        num(row, 'active_members') <= num(row, 'total_checkins'),
        `at most ${row['total_checkins']}`,
      ),
  ],
  [
    'total of a leaderboard',
    ['rankings', 'total', 'type'],
    ({ rankings, total }) =>
      expectThat(
        Array.isArray(rankings) && rankings.length <= Number(total) && (rankings.length > 0 || total === 0),
        `the ${total} ranks, or the first of them`,
      ),
  ],
  [
    'title of a text',
    ['content', 'title', 'topic_id'],
    ({ content, title }) => {
      const text = String(content).replaceAll(/\s+/g, ' ')
      const isOfText = text.startsWith(String(title)) && text !== title
      return expectThat(
        !isOfText || Array.from(String(title)).length <= MAX_TITLE_OF_TEXT,
        `the first ${MAX_TITLE_OF_TEXT} characters`,
      )
    },
  ],
]

function averageRule(row: Members): string | undefined {
  return expectPerMember(row, 'avg_checkins_per_member', 'total_checkins')
}

function averageByForm(row: Members): string | undefined {
  const hasAverage = row['form'] === 'flat' && num(row, 'total_members') > 0
  return expectThat(
    (row['avg_checkins_per_member'] !== null) === hasAverage,
    hasAverage ? 'an average' : 'no average',
  )
}

/** A figure per member, rounded to two decimals. */
function expectPerMember(row: Members, name: string, of: string): string | undefined {
  const members = num(row, 'total_members')
  const difference = Math.abs(num(row, of) / members - num(row, name))
  const isRounded = Math.abs(num(row, name) * 100 - Math.round(num(row, name) * 100)) < 1e-4
  return expectThat(members > 0 && isRounded && difference < 0.00501, `${num(row, of) / members} rounded`)
}

/** By rank, then days descending, then user; each user once. */
export function expectRankings(rows: readonly Members[]): string | undefined {
  const ids = rows.map(({ user }) => userId(user))
  const isOrdered = rows.every((row, index) => {
    const before = rows[index - 1]
    if (!before) return true
    const order =
      num(before, 'rank') - num(row, 'rank') ||
      num(row, 'days') - num(before, 'days') ||
      Number(BigInt(ids[index - 1] ?? 0) - BigInt(ids[index] ?? 0))
    return order < 0
  })
  return expectThat(isOrdered && new Set(ids).size === ids.length, 'each user once, by rank, days and id')
}

function userId(user: Json | undefined): string {
  return isMembers(user) ? String(user['user_id']) : '0'
}
