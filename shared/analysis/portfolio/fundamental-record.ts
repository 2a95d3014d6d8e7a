import { type FundamentalInputs, fundamentalScores } from './fundamental-scores.ts'
import { roundScore } from './score-arithmetic.ts'

/** What is known of a company beside its figures. Dates: `YYYY-MM-DD`. */
export interface CompanyFacts {
  readonly asset_type: string | null
  readonly currency: string | null
  readonly sector: string | null
  readonly industry: string | null
  /** End of the latest reported quarter. */
  readonly latest_quarter: string | null
  /** End of the period of the balance sheet. */
  readonly balance_sheet_date: string | null
}

/** The figures of a company: the inputs of its scores, in their units, and `beta`, a ratio. */
export type FundamentalFigures = FundamentalInputs & { readonly beta: number | null }

/** The fundamentals of one company as they are served, and why members of them are `null`, by name. */
export interface FundamentalRecord {
  readonly fundamental: CompanyFacts & FundamentalFigures & ScoreMembers
  readonly reasons: Readonly<Record<string, string>>
}

/** Scores from 0 to 100 with two decimals, but `overall_score`, which is not rounded: the score of a position uses it. */
interface ScoreMembers {
  readonly sub_scores: Readonly<Record<keyof FundamentalInputs, number | null>>
  readonly valuation_score: number | null
  readonly profitability_score: number | null
  readonly growth_score: number | null
  readonly health_score: number | null
  readonly overall_score: number | null
  /** Figures with a score, as a fraction of all ten. */
  readonly coverage: number
}

const GROUPS = ['valuation', 'profitability', 'growth', 'health', 'overall'] as const

/** A ratio of a price has no meaning when it is 0 or less. */
const PRICE_RATIOS = ['pe', 'pb', 'peg'] as const

/** Scores the figures of a company. A price ratio of 0 or less is `null`, as its score is. */
export function fundamentalRecord(facts: CompanyFacts, figures: FundamentalFigures): FundamentalRecord {
  const { beta, ...inputs } = figures
  const { sub_scores, coverage, reasons, ...scores } = fundamentalScores(inputs)
  const meaningless = PRICE_RATIOS.filter((name) => sub_scores[name] === null)
  const absent = Object.entries({ ...facts, beta }).filter(([, value]) => value === null)
  return {
    fundamental: {
      ...facts,
      ...figures,
      ...(Object.fromEntries(meaningless.map((name) => [name, null])) as Partial<FundamentalFigures>),
      sub_scores: Object.fromEntries(
        Object.entries(sub_scores).map(([name, score]) => [name, roundScore(score)]),
      ) as ScoreMembers['sub_scores'],
      valuation_score: roundScore(scores.valuation),
      profitability_score: roundScore(scores.profitability),
      growth_score: roundScore(scores.growth),
      health_score: roundScore(scores.health),
      overall_score: scores.overall,
      coverage,
    },
    reasons: {
      ...Object.fromEntries(absent.map(([name]) => [name, 'no value'])),
      ...Object.fromEntries(Object.entries(reasons).map(([name, reason]) => [memberOf(name), reason])),
    },
  }
}

function memberOf(name: string): string {
  return (GROUPS as readonly string[]).includes(name) ? `${name}_score` : name
}
