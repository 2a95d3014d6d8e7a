import { roundScore } from '../portfolio/score-arithmetic.ts'
import type { Dimension } from './dimensions.ts'
import { weightedScore } from './weighted-parts.ts'

/** Weights of the dimensions in hundredths. */
const WEIGHTS = {
  monetary_policy: 30,
  geopolitical: 20,
  sector_bubble: 20,
  economic_cycle: 20,
  market_sentiment: 10,
} as const

/** The name of a dimension. */
export type DimensionName = keyof typeof WEIGHTS

const NAMES = Object.keys(WEIGHTS) as DimensionName[]

const TITLES: Readonly<Record<DimensionName, string>> = {
  monetary_policy: 'monetary policy',
  geopolitical: 'geopolitical events',
  sector_bubble: 'sector valuation',
  economic_cycle: 'economic cycle',
  market_sentiment: 'market sentiment',
}

/** The level of a macro risk. */
type RiskLevel = 'LOW' | 'MEDIUM' | 'HIGH' | 'EXTREME'

/** The direction of the risk: a lower score is a higher risk. */
export type Trend = 'INCREASING' | 'STABLE' | 'DECREASING'

interface Alert {
  readonly level: 'CRITICAL' | 'WARNING'
  /** `overall`, or the name of a dimension. */
  readonly type: DimensionName | 'overall'
  readonly message: string
  readonly score: number
}

/** The macro risk: scores 0 to 100, higher is safer, with two decimals. */
export interface MacroRisk {
  readonly scores: Readonly<Record<DimensionName, number | null>>
  /** Why a dimension has no score or lacks a part. */
  readonly reasons: Readonly<Partial<Record<DimensionName, readonly string[]>>>
  readonly overall_score: number | null
  readonly risk_level: RiskLevel | null
  readonly risk_summary: string
  readonly alerts: readonly Alert[]
  /** Every dimension below 50. */
  readonly key_concerns: readonly string[]
  readonly recommendations: readonly string[]
  /** Weight of the dimensions with a score, 0 to 1. */
  readonly coverage: number
  /** Weight of the parts that are present, 0 to 1. */
  readonly confidence: number
}

const RECOMMENDATIONS: Readonly<Record<RiskLevel, string>> = {
  LOW: 'The environment supports a full allocation.',
  MEDIUM: 'Keep a balanced allocation and review it when a dimension falls below 50.',
  HIGH: 'Reduce exposure to risk and raise liquidity.',
  EXTREME: 'Protect capital: hold defensive assets and liquidity.',
}

/** Scores below these cause an alert. */
const OVERALL_ALERTS = { critical: 40, warning: 60 }
const DIMENSION_ALERTS = { critical: 30, warning: 50 }

/**
 * The macro risk from five dimensions. Missing dimensions are left out and the others count for more; without dimensions of
 * 60 % of the weight there is no overall score, and no level.
 */
export function macroRisk(dimensions: Readonly<Record<DimensionName, Dimension>>): MacroRisk {
  const scores = Object.fromEntries(
    NAMES.map((name) => [name, roundScore(dimensions[name].score)]),
  ) as MacroRisk['scores']
  const weighted = weightedScore(
    NAMES.map((name) => ({ weight: WEIGHTS[name], score: dimensions[name].score })),
  )
  const overall = roundScore(weighted.score)
  const level = overall === null ? null : levelOf(overall)
  return {
    scores,
    reasons: Object.fromEntries(
      NAMES.filter((name) => dimensions[name].reasons.length > 0).map((name) => [
        name,
        dimensions[name].reasons,
      ]),
    ),
    overall_score: overall,
    risk_level: level,
    risk_summary: summaryOf(overall, level, scores),
    alerts: alertsOf(overall, scores),
    key_concerns: NAMES.filter((name) => isBelow(scores[name], DIMENSION_ALERTS.warning)).map(
      (name) => `${TITLES[name]} at ${scores[name]}`,
    ),
    recommendations: level === null ? [] : [RECOMMENDATIONS[level]],
    coverage: weighted.coverage,
    confidence: confidenceOf(dimensions),
  }
}

/** Share of all part weights that are present. */
function confidenceOf(dimensions: Readonly<Record<DimensionName, Dimension>>): number {
  const sum = NAMES.reduce((total, name) => total + WEIGHTS[name] * dimensions[name].coverage, 0)
  return Math.round(sum * 100) / 10_000
}

function levelOf(score: number): RiskLevel {
  if (score >= 80) return 'LOW'
  if (score >= 60) return 'MEDIUM'
  return score >= 40 ? 'HIGH' : 'EXTREME'
}

function isBelow(score: number | null, limit: number): boolean {
  return score !== null && score < limit
}

function summaryOf(overall: number | null, level: RiskLevel | null, scores: MacroRisk['scores']): string {
  if (overall === null) return 'There are too few inputs for a macro risk score.'
  const weakest = NAMES.filter((name) => scores[name] !== null).reduce((lowest, name) =>
    (scores[name] ?? 0) < (scores[lowest] ?? 0) ? name : lowest,
  )
  return `The macro risk is ${level} with a score of ${overall}. The weakest dimension is ${TITLES[weakest]} at ${scores[weakest]}.`
}

function alertsOf(overall: number | null, scores: MacroRisk['scores']): Alert[] {
  const all: (readonly [Alert['type'], number | null, typeof OVERALL_ALERTS])[] = [
    ['overall', overall, OVERALL_ALERTS],
    ...NAMES.map((name) => [name, scores[name], DIMENSION_ALERTS] as const),
  ]
  return all.flatMap(([type, score, { critical, warning }]) => {
    if (score === null || score >= warning) return []
    const level = score < critical ? 'CRITICAL' : 'WARNING'
    const what = type === 'overall' ? 'The overall score' : `The score of ${TITLES[type]}`
    return [
      {
        level,
        type,
        score,
        message: `${what} is ${score}, below ${level === 'CRITICAL' ? critical : warning}`,
      },
    ]
  })
}

/** Points of a change that is more than noise. */
const TREND_POINTS = 5

/** How the risk changed from an earlier score to a later one; `null` without both. */
export function riskTrend(score: number | null, earlier: number | null): Trend | null {
  if (score === null || earlier === null) return null
  const change = score - earlier
  if (change <= -TREND_POINTS) return 'INCREASING'
  return change >= TREND_POINTS ? 'DECREASING' : 'STABLE'
}
