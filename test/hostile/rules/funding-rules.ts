import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { Json } from '../json.ts'
import {
  expectNear,
  expectRatio,
  expectThat,
  isMembers,
  type Members,
  num,
  type RowRule,
} from './agreement-rule.ts'

const LATE_MS = 5 * MINUTE_MS
const DAYS_A_YEAR = 365

/** What agrees in funding rates, the pool, and their counts. */
export const fundingRules: readonly RowRule[] = [
  [
    'annualized_rate',
    ['annualized_rate', 'funding_rate', 'interval_hours'],
    (row) =>
      expectNear(
        num(row, 'annualized_rate'),
        (num(row, 'funding_rate') * 24 * DAYS_A_YEAR) / num(row, 'interval_hours'),
      ),
  ],
  [
    'annualized_rate of the pool',
    ['annualized_rate', 'funding_rate', 'funding_interval'],
    (row) =>
      expectNear(
        num(row, 'annualized_rate'),
        (num(row, 'funding_rate') * 24 * DAYS_A_YEAR) / hoursOf(row['funding_interval']),
      ),
  ],
  [
    'rate_8h',
    ['rate_8h', 'funding_rate', 'interval_hours'],
    (row) => expectNear(num(row, 'rate_8h'), (num(row, 'funding_rate') * 8) / num(row, 'interval_hours')),
  ],
  [
    'funding_interval',
    ['funding_interval', 'interval_hours'],
    (row) => expectThat(row['funding_interval'] === `${row['interval_hours']}h`, `${row['interval_hours']}h`),
  ],
  ['next_funding_time', ['next_funding_time', 'interval_hours', 'last_updated'], nextFundingRule],
  [
    'mark against index',
    ['mark_price', 'index_price'],
    (row) => expectRatio(num(row, 'mark_price') / num(row, 'index_price'), 2),
  ],
  [
    'direction',
    ['direction', 'funding_rate'],
    (row) =>
      expectThat((row['direction'] === 'long pays') === num(row, 'funding_rate') > 0, 'the side that pays'),
  ],
  [
    // the interval of a contract may be unknown
    'contracts of the intervals',
    ['contracts_by_interval', 'total_contracts'],
    (row) =>
      expectThat(
        sumOf(row['contracts_by_interval']) <= num(row, 'total_contracts'),
        `at most ${row['total_contracts']} in all`,
      ),
  ],
  [
    'count',
    ['count', 'contracts'],
    (row) =>
      expectThat(sizeOf(row['contracts']) === row['count'] || 'pages' in row, `${sizeOf(row['contracts'])}`),
  ],
  [
    'total_added',
    ['total_added', 'added'],
    (row) => expectThat(sizeOf(row['added']) === row['total_added'], `${sizeOf(row['added'])}`),
  ],
  [
    'total_removed',
    ['total_removed', 'removed'],
    (row) => expectThat(sizeOf(row['removed']) === row['total_removed'], `${sizeOf(row['removed'])}`),
  ],
]

/** A settlement comes after the quote, at most one interval later. */
function nextFundingRule(row: Members): string | undefined {
  const at = Date.parse(String(row['last_updated']))
  const next = Date.parse(String(row['next_funding_time']))
  const latest = at + num(row, 'interval_hours') * HOUR_MS + LATE_MS
  return expectThat(
    next >= at - LATE_MS && next <= latest,
    `a settlement until ${new Date(latest).toISOString()}`,
  )
}

function hoursOf(interval: Json | undefined): number {
  return Number(String(interval).replace('h', ''))
}

function sumOf(value: Json | undefined): number {
  return isMembers(value)
    ? Object.values(value).reduce<number>((sum, part) => sum + Number(part), 0)
    : Number.NaN
}

function sizeOf(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : isMembers(value) ? Object.keys(value).length : Number.NaN
}
