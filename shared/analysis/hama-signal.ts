import type { Cross } from './crosses.ts'
import { finiteOrNull } from './series.ts'

type Recommendation = 'BUY' | 'SELL' | 'HOLD'

/** What the smoothed close says of the trend, by its last cross and its distance from the average. */
export interface HamaSignal {
  /** |close − average|/average in percent; `null` where one of them is missing. */
  readonly deviationPct: number | null
  readonly recommendation: Recommendation
  readonly trend: 'uptrend' | 'downtrend' | 'sideways'
  readonly strength: 'strong' | 'moderate' | 'weak' | null
  /** 0.3 for HOLD, 0.7…1 otherwise; `null` without a deviation. */
  readonly confidence: number | null
}

const TRENDS = { BUY: 'uptrend', SELL: 'downtrend', HOLD: 'sideways' } as const

/** Nearer to the average than this, in percent, no side is taken. */
const DEAD_BAND_PCT = 0.1

/**
 * Judges where the HAMA close stands: with the direction of the last cross, on its side of the average and outside the
 * dead band, or undecided.
 */
export function hamaSignal(
  close: number | null,
  average: number | null,
  lastCross: Cross | undefined,
): HamaSignal {
  const deviationPct = deviation(close, average)
  const recommendation = recommended(deviationPct, Math.sign((close ?? 0) - (average ?? 0)), lastCross)
  return {
    deviationPct,
    recommendation,
    trend: TRENDS[recommendation],
    strength: strengthOf(deviationPct),
    confidence: confidenceOf(recommendation, deviationPct),
  }
}

function deviation(close: number | null, average: number | null): number | null {
  if (close === null || average === null || average <= 0) return null
  return finiteOrNull((Math.abs(close - average) / average) * 100)
}

function recommended(
  deviationPct: number | null,
  side: number,
  lastCross: Cross | undefined,
): Recommendation {
  if (deviationPct === null || deviationPct < DEAD_BAND_PCT || side !== lastCross?.direction) return 'HOLD'
  return side > 0 ? 'BUY' : 'SELL'
}

function strengthOf(deviationPct: number | null): HamaSignal['strength'] {
  if (deviationPct === null) return null
  if (deviationPct > 1) return 'strong'
  return deviationPct > 0.3 ? 'moderate' : 'weak'
}

function confidenceOf(recommendation: Recommendation, deviationPct: number | null): number | null {
  if (deviationPct === null) return null
  return recommendation === 'HOLD' ? 0.3 : 0.7 + Math.min(deviationPct / 5, 0.3)
}
