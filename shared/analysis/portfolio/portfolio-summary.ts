import { finiteOrNull } from '../series.ts'
import type { PositionScores } from './position-scores.ts'
import { type PositionValue, reasonsOf, sumOf } from './position-value.ts'
import { meanOfPresent, roundScore } from './score-arithmetic.ts'

/** What the figures of a portfolio are computed from. */
type SummaryInputs = readonly (Omit<PositionValue, 'reasons'> &
  Pick<PositionScores, 'overall_score' | 'risk_level' | 'recommendation'> & {
    readonly sector: string | null
    readonly industry: string | null
    readonly beta: number | null
  })[]

/** The name under which unknown sectors and industries are added up. */
const UNKNOWN = 'unknown'

/** A weighted mean needs figures of positions with this fraction of the total value. */
const MIN_COVERAGE = 0.6

/**
 * Totals of the positions. A total covers the positions that have the amount; their number is beside it. Without a common
 * currency there is no total: `mixed_currencies`.
 */
export function portfolioSummary(positions: SummaryInputs) {
  const values = present(positions.map(({ market_value: value }) => value))
  const profits = present(positions.map(({ unrealized_pnl: profit }) => profit))
  const scores = present(positions.map(({ overall_score: score }) => score))
  const mixed = isMixed(positions) ? 'mixed_currencies' : undefined
  const totals = {
    total_value: mixed ? null : sumOf(values),
    total_pnl: mixed ? null : sumOf(profits),
    avg_score: roundScore(meanOfPresent(scores)),
  }
  return {
    total_positions: positions.length,
    positions_with_value: values.length,
    positions_with_pnl: profits.length,
    currency: mixed ? null : (valuedOf(positions)[0]?.currency ?? null),
    ...totals,
    high_risk_count: positions.filter(({ risk_level: level }) => level === 'HIGH' || level === 'EXTREME')
      .length,
    buy_recommendation_count: positions.filter(({ recommendation }) => recommendation?.endsWith('BUY'))
      .length,
    reasons: reasonsOf(totals, {
      total_value: mixed ?? (values.length === 0 ? 'no_values' : 'out of range'),
      total_pnl: mixed ?? (profits.length === 0 ? 'no_values' : 'out of range'),
      avg_score: 'no_scores',
    }),
  }
}

/**
 * Figures weighted by market value: score, beta, and the fraction of each sector and industry. A mean is `null` if the
 * positions that have the figure are less than 60 % of the total value.
 */
export function portfolioAnalysis(positions: SummaryInputs) {
  const valued = isMixed(positions) ? [] : valuedOf(positions)
  const means = {
    weighted_score: roundScore(weightedMean(valued.map((item) => [item.value, item.overall_score]))),
    total_beta: weightedMean(valued.map((item) => [item.value, item.beta])),
  }
  const ratios = {
    sector_ratios: ratiosOf(valued.map((item) => [item.value, item.sector])),
    industry_ratios: ratiosOf(valued.map((item) => [item.value, item.industry])),
  }
  const absent = isMixed(positions) ? 'mixed_currencies' : 'no_values'
  const meanReason = valued.length === 0 ? absent : 'low_coverage'
  return {
    ...means,
    ...ratios,
    reasons: reasonsOf(
      { ...means, ...ratios },
      { weighted_score: meanReason, total_beta: meanReason, sector_ratios: absent, industry_ratios: absent },
    ),
  }
}

function valuedOf(positions: SummaryInputs) {
  return positions.flatMap((item) =>
    item.market_value === null ? [] : [{ ...item, value: item.market_value }],
  )
}

function isMixed(positions: SummaryInputs): boolean {
  return new Set(valuedOf(positions).map(({ currency }) => currency)).size > 1
}

type Weighted<T> = readonly (readonly [weight: number, figure: T | null])[]

function weightedMean(figures: Weighted<number>): number | null {
  const total = sumOfWeights(figures)
  const covered = figures.filter(([, figure]) => figure !== null)
  const weight = sumOfWeights(covered)
  if (!(weight >= MIN_COVERAGE * total) || weight === 0) return null
  return finiteOrNull(covered.reduce((mean, [share, figure]) => mean + (share / weight) * (figure ?? 0), 0))
}

function ratiosOf(names: Weighted<string>): Readonly<Record<string, number>> | null {
  const total = sumOfWeights(names)
  if (total === 0 || finiteOrNull(total) === null) return null
  const ratios = new Map<string, number>()
  for (const [weight, name] of names) {
    const group = name ?? UNKNOWN
    ratios.set(group, (ratios.get(group) ?? 0) + weight / total)
  }
  return Object.fromEntries(ratios)
}

function sumOfWeights(figures: Weighted<unknown>): number {
  return figures.reduce((sum, [weight]) => sum + weight, 0)
}

function present(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null)
}
