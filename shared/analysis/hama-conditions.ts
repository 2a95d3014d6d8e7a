import type { HamaAnalysis } from './hama.ts'
import { hamaPresets } from './hama-presets.ts'

/** Ready-made questions about an analysis, by their documented names. */
interface HamaConditions {
  readonly is_uptrend: boolean
  readonly is_downtrend: boolean
  readonly confidence_above_70: boolean
  readonly is_bullish_pattern: boolean
  readonly is_bearish_pattern: boolean
  readonly has_volume_confirmation: boolean
  readonly meets_buy_criteria: boolean
  readonly meets_sell_criteria: boolean
  readonly summary: string
}

const TRENDS = { uptrend: 'Uptrend', downtrend: 'Downtrend', sideways: 'Sideways' }

/** Answers each question from the unrounded analysis; what cannot be told is `false`, and the summary says why. */
export function hamaConditions(analysis: HamaAnalysis): HamaConditions {
  const { trend, recommendation, confidence, volumeConfirmation } = analysis
  const isUptrend = trend === 'uptrend'
  const isDowntrend = trend === 'downtrend'
  const isConfident = confidence !== null && confidence >= 0.7
  const isBullish = recommendation === 'BUY'
  const isBearish = recommendation === 'SELL'
  const hasVolume = volumeConfirmation === true
  return {
    is_uptrend: isUptrend,
    is_downtrend: isDowntrend,
    confidence_above_70: isConfident,
    is_bullish_pattern: isBullish,
    is_bearish_pattern: isBearish,
    has_volume_confirmation: hasVolume,
    meets_buy_criteria: isUptrend && isConfident && isBullish && hasVolume,
    meets_sell_criteria: isDowntrend && isConfident && isBearish,
    summary: summaryOf(analysis),
  }
}

function summaryOf({ trend, confidence, note, bars, preset }: HamaAnalysis): string {
  const name = TRENDS[trend]
  if (confidence !== null) return `${name} with ${levelOf(confidence)} strength`
  if (note !== 'insufficient history') return `${name}: ${note}`
  return `${name}: ${note}, ${bars} closed bars of the ${hamaPresets[preset].barsNeeded} needed`
}

function levelOf(confidence: number): 'high' | 'medium' | 'low' {
  if (confidence >= 0.8) return 'high'
  return confidence >= 0.6 ? 'medium' : 'low'
}
