import type { Json } from '../json.ts'
import { type Finding, shownValue } from '../oracle/finding.ts'
import { expectThat, isMembers, type Members, num } from './agreement-rule.ts'
import { analysisRules } from './analysis-rules.ts'
import { checkInRules, expectRankings } from './check-in-rules.ts'
import { fundamentalRules } from './fundamental-rules.ts'
import { fundingRules } from './funding-rules.ts'
import { macroRules } from './macro-rules.ts'
import { marketRules } from './market-rules.ts'
import { portfolioRules } from './portfolio-rules.ts'
import { positionRules } from './position-rules.ts'

/* What must agree in the records of a new job gets a line in one of these tables, or a table of its own. */
const RULES = [
  ...marketRules,
  ...fundingRules,
  ...analysisRules,
  ...portfolioRules,
  ...fundamentalRules,
  ...positionRules,
  ...macroRules,
  ...checkInRules,
]

/** The rules of rows by the first member of each: a row is not checked against the rules of all others. */
const RULES_BY_MEMBER = Map.groupBy(RULES, ([, [first = '']]) => first)

/** Rules of a list, by its name. */
const LIST_RULES: readonly (readonly [
  subject: string,
  lists: readonly string[],
  rule: (rows: readonly Members[]) => string | undefined,
])[] = [
  [
    'rank order',
    ['gainers', 'symbols'],
    (rows) =>
      expectThat(
        rows.every((row, index) => row['rank'] === index + 1),
        'ranks 1, 2, 3 and so on',
      ),
  ],
  [
    'order by price change',
    ['gainers'],
    (rows) =>
      expectThat(descends(rows.map((row) => num(row, 'price_change_percent'))), 'the largest increase first'),
  ],
  [
    'order by volume',
    ['symbols'],
    (rows) =>
      expectThat(descends(rows.map((row) => Number(row['quote_volume'] ?? 0))), 'the most traded first'),
  ],
  [
    'order by rate',
    ['contracts'],
    (rows) =>
      expectThat(
        rows.some((row) => !('direction' in row)) ||
          descends(rows.map((row) => Math.abs(num(row, 'funding_rate')))),
        'the largest rate first in the pool',
      ),
  ],
  [
    'order by time',
    ['data'],
    (rows) =>
      expectThat(
        rows.some(({ event_date: date }) => date === undefined) ||
          descends(rows.map((row) => Date.parse(String(row['event_date'])))),
        'the newest event first',
      ),
  ],
  [
    'days of sums',
    ['days'],
    (rows) =>
      expectThat(
        descends(rows.map((row) => -Date.parse(String(row['date'])))),
        'each day once, the oldest first',
      ),
  ],
  ['ranks', ['rankings'], expectRankings],
  [
    'ids of rows',
    ['projects', 'topics'],
    (rows) => {
      const ids = rows.map((row) => row['project_id'] ?? row['topic_id'])
      return expectThat(new Set(ids).size === rows.length, 'each id once')
    },
  ],
  [
    'names of rows',
    ['gainers', 'symbols', 'contracts', 'open_sessions'],
    (rows) => expectThat(new Set(rows.map(({ symbol }) => symbol)).size === rows.length, 'each symbol once'),
  ],
]

/** The values of a body that contradict each other. */
export function agreementFindings(value: Json, place: string, name = 'root'): readonly Finding[] {
  if (value === null || typeof value !== 'object') return []
  if (Array.isArray(value)) {
    const rows = value.filter((row): row is { [member: string]: Json } => isMembers(row))
    const broken = LIST_RULES.flatMap(([subject, lists, rule]) => {
      const expected = lists.includes(name) && rows.length > 1 ? rule(rows) : undefined
      return expected === undefined
        ? []
        : [
            finding(
              subject,
              place,
              expected,
              rows.map(({ symbol }) => symbol),
            ),
          ]
    })
    return [...broken, ...value.flatMap((row) => agreementFindings(row, place, 'row'))]
  }
  const rules = Object.keys(value).flatMap((member) => RULES_BY_MEMBER.get(member) ?? [])
  const broken = rules.flatMap(([subject, members, rule]) => {
    const isComplete = members.every((member) => value[member] !== undefined && value[member] !== null)
    const expected = isComplete ? rule(value) : undefined
    if (expected === undefined) return []
    const got = Object.fromEntries(members.map((member) => [member, value[member]]))
    return [finding(subject, place, expected, got)]
  })
  return [
    ...broken,
    ...Object.entries(value).flatMap(([member, inner]) => agreementFindings(inner, place, member)),
  ]
}

function finding(subject: string, place: string, expected: string, got: unknown): Finding {
  return { check: 'agreement', subject, place, expected, got: shownValue(got) }
}

function descends(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number <= (numbers[index - 1] as number))
}
