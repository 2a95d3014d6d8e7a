import { expectThat, isMembers, num, type RowRule } from './agreement-rule.ts'

const LEVELS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  LOW: [1, 3],
  MEDIUM: [4, 6],
  HIGH: [7, 8],
  CRITICAL: [9, 10],
}

/** The largest factor of a category, and all points of a scope. */
const MAX_FACTOR = 2
const MAX_SCOPE = 120

/** What agrees in a geopolitical event, and in the sums of a day. */
export const macroRules: readonly RowRule[] = [
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
