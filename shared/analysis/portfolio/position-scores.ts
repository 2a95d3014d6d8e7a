import { finiteOrNull } from '../series.ts'
import { reasonsOf } from './position-value.ts'
import { roundScore } from './score-arithmetic.ts'
import { sentimentScore, technicalScore } from './score-parts.ts'
import type { TechnicalRecord } from './technical-record.ts'

interface ScoreInputs {
  /** `null` if there is no record of the symbol. */
  readonly technical: TechnicalRecord | null
  /** The overall fundamental score, 0 to 100, unrounded. */
  readonly fundamental: number | null
  /** Whether the newest bar is recent enough for a score: `isRecentBar`. */
  readonly hasRecentBar: boolean
}

type RiskLevel = 'LOW' | 'MEDIUM' | 'HIGH' | 'EXTREME'
type Recommendation = 'STRONG_BUY' | 'BUY' | 'HOLD' | 'REDUCE' | 'SELL'

interface ScoreValues {
  readonly technical_score: number | null
  readonly fundamental_score: number | null
  readonly sentiment_score: number | null
  readonly overall_score: number | null
  readonly risk_level: RiskLevel | null
  readonly recommendation: Recommendation | null
  /** Fraction of the intended full position, 0 to 1. */
  readonly target_position: number | null
  /** In the quoted unit of the prices. */
  readonly stop_loss: number | null
  /** In the quoted unit of the prices. */
  readonly take_profit: number | null
}

/** The scores of one position, as they are stored and served; `reasons` has an entry for each member that is `null`. */
export interface PositionScores extends ScoreValues {
  readonly reasons: Readonly<Partial<Record<keyof ScoreValues, string>>>
}

interface LevelRules {
  readonly level: RiskLevel
  /** The lowest score of the level. */
  readonly from: number
  /** The target is `base` at that score and rises by `span` within `points`. */
  readonly target: { readonly base: number; readonly span: number; readonly points: number }
  /** Distances of the stop loss and of the take profit as fractions of the price. */
  readonly loss: number
  readonly gain: number
}

const EXTREME: LevelRules = {
  level: 'EXTREME',
  from: 0,
  target: { base: 0, span: 1, points: 400 },
  loss: 0.15,
  gain: 0.15,
}

const LEVELS: readonly LevelRules[] = [
  { level: 'LOW', from: 80, target: { base: 0.6, span: 0.4, points: 20 }, loss: 0.08, gain: 0.25 },
  { level: 'MEDIUM', from: 60, target: { base: 0.3, span: 0.3, points: 20 }, loss: 0.1, gain: 0.2 },
  { level: 'HIGH', from: 40, target: { base: 0.1, span: 0.2, points: 20 }, loss: 0.12, gain: 0.15 },
]

/** Weights in tenths. */
const WEIGHTS = { technical: 4, fundamental: 4, sentiment: 2 }
const MIN_WEIGHT = 6

/** A recommendation to buy needs technical and fundamental scores that are closer than this. */
const MAX_BUY_DISTANCE = 30

/**
 * Scores a position from its indicators and fundamentals. The technical score needs trend and RSI; the sentiment is the
 * mean of what is present; the overall score needs parts with 60 % of the weight. Without a recent bar there are no scores
 * but the fundamental one. Scores have two decimals, and all that depends on a score uses the rounded one.
 */
export function positionScores({ technical, fundamental, hasRecentBar }: ScoreInputs): PositionScores {
  const record = hasRecentBar ? technical : null
  const scores = {
    technical: record && technicalScore(record),
    fundamental,
    sentiment: record && sentimentScore(record),
  }
  const values = valuesOf(scores, record)
  return { ...values, reasons: reasonsOf(values, nullReasons(values, technical, hasRecentBar)) }
}

/**
 * The position to own at a score, as a fraction of the full one: 1 at 100, 0.6 at 80, 0.3 at 60, 0.1 at 40, 0 at 0.
 *
 * @param score - overall score, rounded
 */
export function targetPosition(score: number): number {
  const { from, target } = levelOf(score)
  return target.base + ((score - from) / target.points) * target.span
}

type PartScores = Readonly<Record<keyof typeof WEIGHTS, number | null>>

function valuesOf(parts: PartScores, record: TechnicalRecord | null): ScoreValues {
  const technical = roundScore(parts.technical)
  const fundamental = roundScore(parts.fundamental)
  const overall = roundScore(overallScore(parts))
  const rules = overall === null ? null : levelOf(overall)
  const price = record?.close ?? null
  return {
    technical_score: technical,
    fundamental_score: fundamental,
    sentiment_score: roundScore(parts.sentiment),
    overall_score: overall,
    risk_level: rules?.level ?? null,
    recommendation: overall === null ? null : recommendationOf(overall, technical, fundamental),
    target_position: overall === null ? null : targetPosition(overall),
    stop_loss: rules === null || price === null ? null : finiteOrNull(price * (1 - rules.loss)),
    take_profit: rules === null || price === null ? null : takeProfit(price, record, rules),
  }
}

/** The weighted mean of the parts that are present; `null` if their weight is below 60 %. */
function overallScore(parts: PartScores): number | null {
  let sum = 0
  let weight = 0
  for (const name of Object.keys(WEIGHTS) as (keyof PartScores)[]) {
    const score = parts[name]
    if (score === null) continue
    sum += WEIGHTS[name] * score
    weight += WEIGHTS[name]
  }
  return weight < MIN_WEIGHT ? null : sum / weight
}

function levelOf(score: number): LevelRules {
  return LEVELS.find(({ from }) => score >= from) ?? EXTREME
}

function recommendationOf(
  overall: number,
  technical: number | null,
  fundamental: number | null,
): Recommendation {
  const mayBuy =
    technical !== null && fundamental !== null && Math.abs(technical - fundamental) < MAX_BUY_DISTANCE
  if (overall >= 90 && mayBuy) return 'STRONG_BUY'
  if (overall >= 75 && mayBuy) return 'BUY'
  if (overall >= 55) return 'HOLD'
  return overall >= 40 ? 'REDUCE' : 'SELL'
}

/** The nearest resistance above the price, or a gain that depends on the risk level. */
function takeProfit(price: number, record: TechnicalRecord | null, { gain }: LevelRules): number | null {
  const above = (record?.resistance_levels ?? []).filter((level) => level > price)
  return above.length > 0 ? Math.min(...above) : finiteOrNull(price * (1 + gain))
}

/** Why each member would be `null`. */
function nullReasons(
  { overall_score: overall }: ScoreValues,
  record: TechnicalRecord | null,
  hasRecentBar: boolean,
): Readonly<Record<keyof ScoreValues, string>> {
  const { reasons, close } = record ?? { reasons: {}, close: null }
  const withoutBars = close === null ? 'no bars' : undefined
  const withoutScores = withoutBars ?? (hasRecentBar ? undefined : 'no_recent_bar')
  const withoutOverall = withoutScores ?? 'needs 60 % of the weight'
  const order = overall === null ? withoutOverall : 'out of range'
  return {
    technical_score: withoutScores ?? reasons.trend_direction ?? reasons.rsi14 ?? 'out of range',
    fundamental_score: 'no_fundamentals',
    sentiment_score: withoutScores ?? reasons.rsi14 ?? 'out of range',
    overall_score: withoutOverall,
    risk_level: withoutOverall,
    recommendation: withoutOverall,
    target_position: withoutOverall,
    stop_loss: order,
    take_profit: order,
  }
}
