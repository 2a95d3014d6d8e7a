import type { Json } from '../json.ts'
import { EXPECTED_SERIES } from '../oracle/indicator-series.ts'
import { expectThat, isMembers, num, type RowRule } from './agreement-rule.ts'
import { includes, numberIn } from './score-rule.ts'

const LEVELS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  LOW: [1, 3],
  MEDIUM: [4, 6],
  HIGH: [7, 8],
  CRITICAL: [9, 10],
}

/** The largest factor of a category, and all points of a scope. */
const MAX_FACTOR = 2
const MAX_SCOPE = 120

/** What agrees in an indicator, in the versions of an observation, and in the stance of monetary policy. */
const indicatorRules: readonly RowRule[] = [
  [
    'value of a series',
    ['series_id', 'value'],
    (row) => {
      const series = EXPECTED_SERIES[String(row['series_id'])]
      if (!series) return 'a series of test/hostile/oracle/indicator-series.ts'
      const value = num(row, 'value')
      const { least, most } = series
      return expectThat(value >= least && value <= most, `a value from ${least} to ${most}`)
    },
  ],
  [
    'unit of a change',
    ['series_id', 'change_unit'],
    (row) => {
      const unit = EXPECTED_SERIES[String(row['series_id'])]?.isPoints ? 'pp' : 'percent'
      return expectThat(row['change_unit'] === unit, unit)
    },
  ],
  [
    'versions of an observation',
    ['date', 'versions'],
    ({ versions }) => {
      const rows = Array.isArray(versions) ? versions.filter(isMembers) : []
      const isOrdered = rows.every(
        (row, index) => index === 0 || String(row['seen_on']) < String(rows[index - 1]?.['seen_on']),
      )
      const isChanged = rows.every((row, index) => row['value'] !== rows[index + 1]?.['value'])
      return expectThat(
        rows.length <= 12 && isOrdered && isChanged,
        'at most 12 different values, each of an earlier day than the one before',
      )
    },
  ],
  [
    'stance',
    ['indicators', 'reasons'],
    (row) => {
      const stance = stanceOf(row['indicators'])
      return expectThat((row['stance'] ?? null) === stance, String(stance))
    },
  ],
]

/** The stance of monetary policy; `null` when the rate, the growth of M2 or inflation is missing or stale. */
function stanceOf(indicators: Json | undefined): string | null {
  const records = Array.isArray(indicators) ? indicators.filter(isMembers) : []
  const [rate, growth, inflation] = ['DFF', 'M2SL_PC1', 'CPIAUCSL_PC1'].map((key) => {
    const record = records.find((each) => each['series_id'] === key)
    return includes(record?.['degraded_reasons'], 'stale_observation') ? undefined : numberIn(record, 'value')
  })
  if (rate === undefined || growth === undefined || inflation === undefined) return null
  if (rate < 2 && growth > 10) return 'Accommodative'
  if (rate > 4 && inflation > 5) return 'Restrictive'
  if (rate > 3 && inflation > 3) return 'Slightly Restrictive'
  return rate < 3 ? 'Slightly Accommodative' : 'Neutral'
}

/** What agrees in a geopolitical event, and in the sums of a day. */
const eventRules: readonly RowRule[] = [
  [
    'severity of an event',
    ['severity', 'severity_score'],
    (row) => {
      const [least, most] = LEVELS[String(row['severity'])] ?? [0, 0]
      const score = num(row, 'severity_score')
      return expectThat(score >= least && score <= most, `a severity score from ${least} to ${most}`)
    },
  ],
  [
    'impact of an event',
    ['market_impact_score', 'severity_score'],
    (row) => {
      const most = num(row, 'severity_score') * 5 * MAX_FACTOR + MAX_SCOPE
      const least = Math.min(100, num(row, 'severity_score') * 5 * 0.8)
      const impact = num(row, 'market_impact_score')
      return expectThat(impact <= most && impact >= least, `an impact from ${least} to ${most}`)
    },
  ],
  [
    'words of an event',
    ['category', 'matched_words'],
    ({ category, matched_words: words }) =>
      expectThat(
        category === 'OTHER' || (Array.isArray(words) && words.length > 0),
        'the words that decide the category',
      ),
  ],
  [
    'time of an event',
    ['event_date', 'created_at'],
    (row) => {
      const aheadMs = Date.parse(String(row['event_date'])) - Date.parse(String(row['created_at']))
      return expectThat(aheadMs <= 5 * 60_000, 'an event at most five minutes after it was stored')
    },
  ],
  [
    'sums of a day',
    ['events', 'highImpact', 'levelSum', 'impactSum'],
    (row) => {
      const [events, high] = [num(row, 'events'), num(row, 'highImpact')]
      const [levels, impacts] = [num(row, 'levelSum'), num(row, 'impactSum')]
      return expectThat(
        high <= events &&
          levels >= 2 * events &&
          levels <= 9 * events &&
          impacts >= 60 * high &&
          impacts <= 100 * events,
        `the sums of ${events} events`,
      )
    },
  ],
  [
    'articles of an answer',
    ['articles', 'new_events', 'merged'],
    (row) =>
      expectThat(num(row, 'articles') === num(row, 'new_events') + num(row, 'merged'), 'new and merged ones'),
  ],
  [
    'reason of a degraded feed',
    ['data', 'meta'],
    ({ meta }) => {
      if (!isMembers(meta) || meta['covered_from'] === undefined) return undefined
      const reasons = meta['degraded_reasons']
      return expectThat(
        Array.isArray(reasons) && meta['degraded'] === reasons.length > 0,
        'degraded: true exactly with a reason',
      )
    },
  ],
]

/** What agrees in the records of the macro system. */
export const macroRules: readonly RowRule[] = [...indicatorRules, ...eventRules]
