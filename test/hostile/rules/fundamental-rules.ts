import { expectNear, expectThat, isMembers, type Members, num, type RowRule } from './agreement-rule.ts'
import { expectReasons, expectScore, includes, meanOf, numberIn } from './score-rule.ts'

/** The figures of each group of scores. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  valuation_score: ['pe', 'pb', 'peg'],
  profitability_score: ['roe', 'roa', 'margin'],
  growth_score: ['revenue_growth', 'earnings_growth'],
  health_score: ['current_ratio', 'debt_to_equity'],
}
const FIGURES = Object.values(GROUPS).flat()

/** Figures that may be 0 or less. A ratio of a price may not: it has no score, and is not published. */
const SCORED_FIGURES = FIGURES.filter((name) => !GROUPS['valuation_score']?.includes(name))

/** What agrees in the fundamentals of a company. */
const companyRules: readonly RowRule[] = [
  ...Object.entries(GROUPS).map(
    ([group, names]): RowRule => [
      group,
      ['sub_scores'],
      (row) => {
        const present = names.flatMap((name) => numberIn(row['sub_scores'], name) ?? [])
        return expectScore(row[group], present.length === 0 ? null : meanOf(present))
      },
    ],
  ),
  [
    'overall_score of a company',
    ['sub_scores'],
    (row) => {
      const groups = Object.keys(GROUPS).flatMap((name) => numberIn(row, name) ?? [])
      return expectScore(row['overall_score'], groups.length < 2 ? null : meanOf(groups))
    },
  ],
  [
    'coverage',
    ['sub_scores', 'coverage'],
    (row) => {
      const count = FIGURES.filter((name) => numberIn(row['sub_scores'], name) !== undefined).length
      return expectNear(num(row, 'coverage'), count / FIGURES.length)
    },
  ],
  [
    'figures and their scores',
    ['sub_scores'],
    (row) => {
      const wrong = FIGURES.filter((name) => {
        const hasScore = numberIn(row['sub_scores'], name) !== undefined
        return hasScore !== (numberIn(row, name) !== undefined)
      })
      return expectThat(wrong.length === 0, `a score exactly with a figure: ${wrong.join(', ')}`)
    },
  ],
  ...SCORED_FIGURES.map(
    (name): RowRule => [
      `score of ${name}`,
      ['sub_scores', name],
      (row) => {
        const score = numberIn(row['sub_scores'], name) ?? Number.NaN
        const isBest = name === 'debt_to_equity' ? num(row, name) === 0 : num(row, name) >= 50
        const isWorst = name === 'debt_to_equity' ? num(row, name) < 0 : num(row, name) <= 0
        const expected = isBest ? 100 : isWorst ? 0 : score
        return expectThat(score === expected, String(expected))
      },
    ],
  ),
  [
    'balance sheet',
    ['sub_scores'],
    (row) => {
      const hasRatio = [row['current_ratio'], row['debt_to_equity']].some((ratio) => ratio !== null)
      return expectThat(!hasRatio || row['balance_sheet_date'] !== null, 'the date of the balance sheet')
    },
  ],
]

/** What agrees in the record of a symbol, whether it has fundamentals or not. */
const recordRules: readonly RowRule[] = [
  [
    'reasons of fundamentals',
    ['reasons', 'degraded_reasons'],
    (row) => {
      const company = row['fundamental']
      if (company === undefined) return undefined
      const members = isMembers(company) ? company : { fundamental: company }
      const nulls = Object.keys(members).filter((name) => members[name] === null)
      return expectReasons(row, nulls)
    },
  ],
  [
    'unit_suspect',
    ['reasons', 'degraded_reasons'],
    (row) => {
      if (row['fundamental'] === undefined) return undefined
      const reasons = Object.entries(row['reasons'] as Members)
      const names = reasons.flatMap(([name, reason]) => (reason === 'unit_suspect' ? [name] : []))
      const isMarked = includes(row['degraded_reasons'], 'unit_suspect')
      return expectThat(isMarked === names.length > 0, 'unit_suspect exactly with the reason of a figure')
    },
  ],
  [
    'days of a company',
    ['fundamental', 'date'],
    ({ fundamental, date }) => {
      const { latest_quarter, balance_sheet_date } = fundamental as Members
      const days = [latest_quarter, balance_sheet_date].flatMap((day) => (day ? [String(day)] : []))
      return expectThat(
        days.every((day) => day <= String(date)),
        `no day after ${String(date)}`,
      )
    },
  ],
  [
    'as_of of fundamentals',
    ['data', 'meta'],
    ({ data, meta }) => {
      if (!isMembers(data) || !isMembers(meta) || data['fundamental'] === undefined) return undefined
      const date = newYorkDay(Date.parse(String(meta['as_of'])))
      return expectThat(data['date'] === date, `the day of as_of in New York, ${date}`)
    },
  ],
]

/** What agrees in the records of fundamentals. */
export const fundamentalRules: readonly RowRule[] = [...companyRules, ...recordRules]

const NEW_YORK = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' })

function newYorkDay(at: number): string {
  return Number.isFinite(at) ? NEW_YORK.format(at) : 'none'
}
