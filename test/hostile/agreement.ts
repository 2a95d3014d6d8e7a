import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { type Finding, shownValue } from './finding.ts'
import type { Json } from './json.ts'

type Members = Readonly<Record<string, Json>>

/** Two published values that must agree: `undefined` if they do, else what was expected. */
type Rule = (row: Members) => string | undefined

const TOLERANCE = 1e-6
const LATE_MS = 5 * MINUTE_MS
const DAYS_A_YEAR = 365

/** Rules of one row. Each applies where the row has its first member, and to values that are known. */
const RULES: readonly (readonly [subject: string, members: readonly string[], rule: Rule])[] = [
  [
    'dominance sum',
    ['btc_dominance_percentage', 'eth_dominance_percentage'],
    ({ btc_dominance_percentage: btc, eth_dominance_percentage: eth }) =>
      expectThat(Number(btc) + Number(eth) <= 100.5, 'shares of at most 100 % together'),
  ],
  [
    'volume against capitalisation',
    ['total_volume_24h_usd', 'total_market_cap_usd'],
    (row) =>
      expectThat(
        num(row, 'total_volume_24h_usd') <= num(row, 'total_market_cap_usd'),
        'a volume of at most the capitalisation',
      ),
  ],
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
    'last within low and high',
    ['last_price', 'low_price', 'high_price'],
    (row) =>
      expectThat(
        num(row, 'low_price') <= num(row, 'last_price') && num(row, 'last_price') <= num(row, 'high_price'),
        'low <= last <= high',
      ),
  ],
  [
    'open within low and high',
    ['open_price', 'low_price', 'high_price'],
    (row) =>
      expectThat(
        num(row, 'low_price') <= num(row, 'open_price') && num(row, 'open_price') <= num(row, 'high_price'),
        'low <= open <= high',
      ),
  ],
  [
    'price_change_percent',
    ['price_change_percent', 'last_price', 'open_price'],
    (row) => {
      const change = (num(row, 'last_price') / num(row, 'open_price') - 1) * 100
      const difference = Math.abs(change - num(row, 'price_change_percent'))
      return expectThat(difference <= 0.1 * Math.max(1, Math.abs(change) / 100), `${change.toFixed(3)} %`)
    },
  ],
  [
    'pair of its assets',
    ['base_asset', 'quote_asset', 'symbol'],
    (row) =>
      expectThat(
        row['symbol'] === `${row['base_asset']}${row['quote_asset']}`,
        `${row['base_asset']}${row['quote_asset']}`,
      ),
  ],
  [
    'contract of its assets',
    ['base_asset', 'symbol', 'last_price'],
    (row) =>
      expectThat(
        String(row['symbol']).startsWith(String(row['base_asset'])),
        `a pair of ${row['base_asset']}`,
      ),
  ],
  [
    'HAMA candle',
    ['ha_low', 'ha_high', 'ha_open', 'ha_close'],
    (row) =>
      expectRatio(num(row, 'ha_high') / num(row, 'ha_low'), 10) ??
      expectRatio(num(row, 'ha_open') / num(row, 'ha_close'), 10),
  ],
  [
    'deviation_pct',
    ['deviation_pct', 'ha_close', 'hama_ma'],
    (row) => {
      const deviation = (Math.abs(num(row, 'ha_close') - num(row, 'hama_ma')) / num(row, 'hama_ma')) * 100
      return expectThat(
        Math.abs(deviation - num(row, 'deviation_pct')) <= 0.01 + deviation * 1e-3,
        `${deviation.toFixed(6)} %`,
      )
    },
  ],
  [
    'price_vs_ma',
    ['price_vs_ma', 'realtime_price', 'hama_ma'],
    (row) => {
      const side = Math.sign(num(row, 'realtime_price') - num(row, 'hama_ma'))
      const sides: Json[] = ['below', 'equal', 'above']
      return expectThat(row['price_vs_ma'] === sides[side + 1], String(sides[side + 1]))
    },
  ],
  [
    'price against average',
    ['realtime_price', 'hama_ma'],
    (row) => expectRatio(num(row, 'realtime_price') / num(row, 'hama_ma'), 10),
  ],
  [
    'candle against average',
    ['candle_close', 'ma_value'],
    (row) => expectRatio(num(row, 'candle_close') / num(row, 'ma_value'), 10),
  ],
  [
    'bands',
    ['bb_lower', 'bb_basis', 'bb_upper'],
    (row) =>
      expectThat(
        num(row, 'bb_lower') <= num(row, 'bb_basis') && num(row, 'bb_basis') <= num(row, 'bb_upper'),
        'lower <= basis <= upper',
      ),
  ],
  [
    'bb_width',
    ['bb_width', 'bb_lower', 'bb_basis', 'bb_upper'],
    (row) =>
      expectNear(
        num(row, 'bb_width'),
        (num(row, 'bb_upper') - num(row, 'bb_lower')) / num(row, 'bb_basis'),
        1e-3,
      ),
  ],
  [
    'contracts of the intervals',
    ['contracts_by_interval', 'total_contracts'],
    (row) =>
      expectThat(
        sumOf(row['contracts_by_interval']) === row['total_contracts'],
        `${row['total_contracts']} in all`,
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
  const broken = RULES.flatMap(([subject, members, rule]) => {
    const isComplete = members.every((member) => value[member] !== undefined && value[member] !== null)
    const expected = isComplete ? rule(value) : undefined
    const got = Object.fromEntries(members.map((member) => [member, value[member]]))
    return expected === undefined ? [] : [finding(subject, place, expected, got)]
  })
  return [
    ...broken,
    ...Object.entries(value).flatMap(([member, inner]) => agreementFindings(inner, place, member)),
  ]
}

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

function finding(subject: string, place: string, expected: string, got: unknown): Finding {
  return { check: 'agreement', subject, place, expected, got: shownValue(got) }
}

function expectThat(holds: boolean, expected: string): string | undefined {
  return holds ? undefined : expected
}

function expectNear(value: number, expected: number, tolerance = TOLERANCE): string | undefined {
  return expectThat(Math.abs(value - expected) <= Math.abs(expected) * tolerance + 1e-8, String(expected))
}

function expectRatio(ratio: number, most: number): string | undefined {
  return expectThat(ratio <= most && ratio >= 1 / most, `a ratio of at most ${most}`)
}

function num(row: Members, name: string): number {
  return Number(row[name])
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

function descends(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number <= (numbers[index - 1] as number))
}

function isMembers(value: Json | undefined): value is { [name: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
