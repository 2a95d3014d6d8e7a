import { finiteOrNull } from '../series.ts'
import { meanOfPresent } from './score-arithmetic.ts'

/**
 * Fundamental figures of one company, `null` if absent. Ratios: `pe`, `pb`, `peg`, `current_ratio` and `debt_to_equity`
 * (1.54, not 154). Percents: all others (18.2, not 0.182).
 */
export type FundamentalInputs = Readonly<Record<FundamentalName, number | null>>

type FundamentalName =
  | 'pe'
  | 'pb'
  | 'peg'
  | 'roe'
  | 'roa'
  | 'margin'
  | 'revenue_growth'
  | 'earnings_growth'
  | 'current_ratio'
  | 'debt_to_equity'

type Group = 'valuation' | 'profitability' | 'growth' | 'health'

/**
 * A piecewise linear score: `scores` at `inputs`, which ascend. Between two of them the score is on the straight line,
 * beyond the ends it is constant.
 */
interface Rule {
  readonly group: Group
  readonly inputs: readonly number[]
  readonly scores: readonly number[]
  /** Converts to the unit of `inputs`; `null` for a figure without a meaning. */
  readonly convert?: (figure: number) => number | null
}

const positive = (ratio: number) => (ratio > 0 ? ratio : null)

/** Debt as a percentage of debt and equity together; all of it with negative equity. */
const debtPercent = (ratio: number) => (ratio < 0 ? 100 : (ratio / (1 + ratio)) * 100)

const growth: Rule = { group: 'growth', inputs: [0, 5, 15, 30, 50], scores: [0, 50, 70, 90, 100] }

/** The rule of each input. All rules are continuous, so that the points where their pieces meet describe them. */
const RULES: Readonly<Record<FundamentalName, Rule>> = {
  pe: { group: 'valuation', inputs: [0, 15, 25, 40, 100], scores: [100, 90, 60, 30, 0], convert: positive },
  pb: { group: 'valuation', inputs: [0, 1, 3, 5, 10], scores: [100, 90, 60, 30, 0], convert: positive },
  peg: { group: 'valuation', inputs: [0, 1, 2, 5], scores: [100, 90, 60, 0], convert: positive },
  roe: { group: 'profitability', inputs: [0, 10, 15, 20, 30], scores: [0, 50, 70, 90, 100] },
  roa: { group: 'profitability', inputs: [0, 2, 5, 10, 20], scores: [0, 50, 70, 90, 100] },
  margin: { group: 'profitability', inputs: [0, 5, 10, 20, 30], scores: [0, 50, 70, 90, 100] },
  revenue_growth: growth,
  earnings_growth: growth,
  current_ratio: { group: 'health', inputs: [0, 1, 1.5, 2, 4], scores: [0, 50, 70, 90, 100] },
  debt_to_equity: {
    group: 'health',
    inputs: [0, 30, 60, 80, 100],
    scores: [100, 90, 70, 50, 0],
    convert: debtPercent,
  },
}

const NAMES = Object.keys(RULES) as FundamentalName[]
const GROUPS = ['valuation', 'profitability', 'growth', 'health'] as const
const MIN_GROUPS = 2

type Scores = Readonly<Record<Group | 'overall', number | null>>

/** Scores of a company's fundamentals, 0 to 100, higher is better, unrounded. */
export interface FundamentalScores extends Scores {
  readonly sub_scores: Readonly<Record<FundamentalName, number | null>>
  /** Inputs with a score, as a fraction of all ten. */
  readonly coverage: number
  /** Why a score is `null`, by its name. */
  readonly reasons: Readonly<Partial<Record<FundamentalName | keyof Scores, string>>>
}

/**
 * Scores fundamentals: a score per input, their mean per group, the mean of the groups as `overall`. Absent inputs are left
 * out of a mean; `overall` is `null` with fewer than two groups. A valuation ratio of 0 or less has no meaning and no
 * score; negative equity scores 0.
 */
export function fundamentalScores(inputs: FundamentalInputs): FundamentalScores {
  const subScores = recordOf(NAMES, (name) => subScore(RULES[name], inputs[name]))
  const groups = recordOf(GROUPS, (group) =>
    meanOfPresent(NAMES.filter((name) => RULES[name].group === group).map((name) => subScores[name])),
  )
  const present = Object.values(groups).filter((score) => score !== null)
  const scores = { ...groups, overall: present.length < MIN_GROUPS ? null : meanOfPresent(present) }
  return {
    sub_scores: subScores,
    ...scores,
    coverage: NAMES.filter((name) => subScores[name] !== null).length / NAMES.length,
    reasons: reasonsOf(inputs, subScores, scores),
  }
}

function recordOf<K extends string>(names: readonly K[], score: (name: K) => number | null) {
  return Object.fromEntries(names.map((name) => [name, score(name)])) as Record<K, number | null>
}

const MIN_UNIT_RATIO = 50
const MAX_UNIT_RATIO = 200

/**
 * Whether a figure seems to have changed between fraction and percent: it is 50 to 200 times the stored one, or the stored
 * one that much of it, with the same sign. Such a figure is not used until it has been confirmed.
 */
export function unitSuspect(stored: number | null, next: number | null): boolean {
  if (stored === null || next === null) return false
  const ratio = next / stored
  const fold = Math.max(ratio, 1 / ratio)
  return fold >= MIN_UNIT_RATIO && fold <= MAX_UNIT_RATIO
}

function subScore(rule: Rule, input: number | null): number | null {
  const figure = input === null ? null : finiteOrNull(input)
  const converted = figure === null || rule.convert === undefined ? figure : rule.convert(figure)
  return converted === null ? null : interpolated(rule, converted)
}

function interpolated({ inputs, scores }: Rule, input: number): number {
  const above = inputs.findIndex((point) => input < point)
  if (above === 0) return scores[0] as number
  if (above < 0) return scores.at(-1) as number
  const [lowInput, lowScore] = [inputs[above - 1] as number, scores[above - 1] as number]
  const [highInput, highScore] = [inputs[above] as number, scores[above] as number]
  return lowScore + ((input - lowInput) / (highInput - lowInput)) * (highScore - lowScore)
}

function reasonsOf(
  inputs: FundamentalInputs,
  subScores: FundamentalScores['sub_scores'],
  scores: Scores,
): FundamentalScores['reasons'] {
  const reasons: Partial<Record<FundamentalName | keyof Scores, string>> = {}
  for (const name of NAMES) {
    if (subScores[name] !== null) continue
    const input = inputs[name]
    reasons[name] = input !== null && Number.isFinite(input) ? 'not positive' : 'no value'
  }
  for (const group of GROUPS) if (scores[group] === null) reasons[group] = 'no inputs'
  if (scores.overall === null) reasons.overall = `needs ${MIN_GROUPS} groups`
  return reasons
}
