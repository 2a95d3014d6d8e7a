import { roundTo } from '../rounding.ts'
import { bandScore, below, upTo, type WeightedScore, weightedScore } from './weighted-parts.ts'

/** The score of one dimension of the macro risk, 0 to 100, higher is safer, unrounded. */
export interface Dimension extends WeightedScore {
  /** Why there is no score, and why a part is left out. */
  readonly reasons: readonly string[]
}

/** Rates in percent, the curve (ten years minus two) in percentage points, inflation in percent within a year. */
export interface MonetaryInputs {
  readonly rate: number | null
  readonly curve: number | null
  readonly inflation: number | null
}

/** Policy rate, yield curve and inflation. */
export function monetaryDimension({ rate, curve, inflation }: MonetaryInputs): Dimension {
  return dimensionOf([
    ['rate', 40, bandScore(rate, [below(1, 50), below(2, 70), upTo(4, 80), upTo(5, 70)], 40)],
    ['curve', 30, bandScore(curve, [below(0, 20), below(0.5, 50), upTo(1.5, 70)], 80)],
    ['inflation', 30, bandScore(inflation, [below(2, 60), upTo(3, 80), upTo(4, 50), upTo(7, 30)], 10)],
  ])
}

/** Events of the last 30 days. */
export interface GeopoliticalInputs {
  /** Number of events. */
  readonly events: number
  /** Number of those with an impact of 60 or more. */
  readonly highImpact: number
  /** Mean severity level: LOW 2, MEDIUM 5, HIGH 7, CRITICAL 9; `null` without events. */
  readonly meanLevel: number | null
  /** Mean impact, 0 to 100; `null` without events. */
  readonly meanImpact: number | null
  /** Days that the stored events cover, up to 30. */
  readonly coverageDays: number
  /** Whether the feed had articles within the last 24 hours. */
  readonly hasRecentSuccess: boolean
}

const MIN_COVERAGE_DAYS = 7
const NO_EVENT_SCORE = 90

/** Events: how many are grave, their mean severity and impact. Without a recent success of the feed there is no score. */
export function geopoliticalDimension(inputs: GeopoliticalInputs): Dimension {
  if (!inputs.hasRecentSuccess) return withoutScore('no event feed in the last 24 h')
  if (inputs.coverageDays < MIN_COVERAGE_DAYS)
    return withoutScore(
      `short_history: expected events of at least ${MIN_COVERAGE_DAYS} days, got ${inputs.coverageDays}`,
    )
  if (inputs.events === 0) return { score: NO_EVENT_SCORE, coverage: 1, reasons: [] }
  return dimensionOf([
    ['high impact', 40, bandScore(inputs.highImpact, [upTo(1, 90), upTo(3, 70), upTo(5, 50)], 30)],
    ['severity', 30, bandScore(inputs.meanLevel, [below(3, 80), upTo(5, 60)], 30)],
    ['impact', 30, bandScore(inputs.meanImpact, [below(30, 80), upTo(50, 60)], 40)],
  ])
}

/** Inputs of operators. */
export interface BubbleInputs {
  /** Trailing price-earnings ratio of the Nasdaq-100. */
  readonly nasdaqPe: number | null
  /** Share of the ten largest companies, in percent. */
  readonly topTenShare: number | null
  readonly ipoHeat: 'low' | 'normal' | 'hot' | null
}

const IPO_SCORES = { low: 80, normal: 60, hot: 30 }

/** Valuation and concentration of the technology sector, and the mood of initial offerings. */
export function bubbleDimension({ nasdaqPe, topTenShare, ipoHeat }: BubbleInputs): Dimension {
  return dimensionOf([
    ['nasdaq_pe', 50, bandScore(nasdaqPe, [below(20, 80), below(30, 60), below(40, 40)], 20)],
    ['top_ten_share', 30, bandScore(topTenShare, [below(30, 80), below(40, 60), upTo(50, 40)], 20)],
    ['ipo_heat', 20, ipoHeat === null ? null : IPO_SCORES[ipoHeat]],
  ])
}

/** Percents; the index of production as its change within a year. */
export interface CycleInputs {
  /** Growth of the gross domestic product, annualised. */
  readonly growth: number | null
  /** The same of the quarter before; `null` if it is missing. */
  readonly previousGrowth: number | null
  readonly unemployment: number | null
  /** The same three months before; `null` if it is missing. */
  readonly earlierUnemployment: number | null
  readonly production: number | null
}

/** A phase of the economic cycle. */
export type Phase = 'Peak' | 'Expansion' | 'Contraction' | 'Recovery' | 'Transition'

const PHASE_SCORES: Readonly<Record<Phase, number>> = {
  Peak: 50,
  Expansion: 75,
  Contraction: 25,
  Recovery: 85,
  Transition: 60,
}

/** Middle of the index that is derived from production. */
const NEUTRAL_INDEX = 50

/** Phase of the cycle with the trends of growth and jobs. A trend without its reference is left out. */
export function cycleDimension(inputs: CycleInputs): Dimension & { readonly phase: Phase | null } {
  const { growth, unemployment, production, previousGrowth, earlierUnemployment } = inputs
  if (growth === null || unemployment === null || production === null)
    return { ...withoutScore('growth, unemployment or production is missing'), phase: null }
  const phase = phaseOf(growth, unemployment, NEUTRAL_INDEX + 2 * production)
  const growthChange = difference(growth, previousGrowth)
  const jobsChange = difference(unemployment, earlierUnemployment)
  const score = PHASE_SCORES[phase] + growthPoints(growthChange ?? 0) + jobsPoints(jobsChange ?? 0)
  return {
    score: Math.min(100, Math.max(0, score)),
    coverage: 1,
    phase,
    reasons: [
      ...(growthChange === null ? ['growth of the quarter before is missing'] : []),
      ...(jobsChange === null ? ['unemployment of three months before is missing'] : []),
    ],
  }
}

/** In order: the first phase that fits. */
function phaseOf(growth: number, unemployment: number, index: number): Phase {
  if (growth > 3 && unemployment < 4 && index > 55) return 'Peak'
  if (growth > 2 && index > NEUTRAL_INDEX) return 'Expansion'
  if (growth < 1 && index < NEUTRAL_INDEX) return 'Contraction'
  if (growth < 2 && index >= NEUTRAL_INDEX) return 'Recovery'
  return 'Transition'
}

function growthPoints(change: number): number {
  if (change > 0.5) return 10
  return change < -0.5 ? -15 : 0
}

function jobsPoints(change: number): number {
  if (change <= -0.2) return 10
  return change >= 0.2 ? -15 : 0
}

/** The difference of two published rates, without the error of doubles: 4.1 minus 3.9 is 0.2. */
function difference(rate: number, before: number | null): number | null {
  return before === null ? null : roundTo(rate - before, 6)
}

/** The volatility index in points; the put/call ratio is an input of operators. */
export interface SentimentInputs {
  readonly volatility: number | null
  readonly putCallRatio: number | null
}

/** Expected volatility and the ratio of puts to calls. */
export function sentimentDimension({ volatility, putCallRatio }: SentimentInputs): Dimension {
  return dimensionOf([
    ['volatility', 70, bandScore(volatility, [below(15, 85), below(20, 75), below(30, 55)], 30)],
    ['put_call_ratio', 30, bandScore(putCallRatio, [below(0.7, 60), upTo(1, 80), upTo(1.3, 60)], 40)],
  ])
}

function dimensionOf(
  parts: readonly (readonly [name: string, weight: number, score: number | null])[],
): Dimension {
  const weighted = weightedScore(parts.map(([, weight, score]) => ({ weight, score })))
  const reasons = parts.flatMap(([name, , score]) => (score === null ? [`${name} is missing`] : []))
  return { ...weighted, reasons }
}

function withoutScore(reason: string): Dimension {
  return { score: null, coverage: 0, reasons: [reason] }
}
