import { isoSeconds, isoText } from '#shared/domain/time.ts'
import type { HamaAnalysis } from './hama.ts'
import { hamaPresets } from './hama-candles.ts'
import { roundTo } from './rounding.ts'

interface Computed {
  readonly symbol: string
  /** Time of the analysis, in milliseconds since the epoch. */
  readonly at: number
}

/**
 * An analysis in its documented form, without the envelope: prices and averages with 8 decimals, small ones with ten
 * significant digits, so that published figures agree with each other at any price; deviation and confidence with 6
 * decimals, times as ISO 8601. The conditions are computed from the unrounded analysis.
 */
export function hamaRecord(analysis: HamaAnalysis, { symbol, at }: Computed) {
  const { bands, lastCross } = analysis
  const close = price(analysis.close)
  const average = price(analysis.average)
  const realtimePrice = price(analysis.realtimePrice)
  const deviationPct = roundTo(analysis.deviationPct, 6)
  return {
    hama_analysis: {
      symbol,
      preset: analysis.preset,
      trend: analysis.trend,
      candle_pattern: analysis.pattern,
      recommendation: analysis.recommendation,
      confidence: roundTo(analysis.confidence, 6),
      signals: {
        ha_close: close,
        realtime_price: realtimePrice,
        ha_open: price(analysis.open),
        ha_high: price(analysis.high),
        ha_low: price(analysis.low),
        hama_ma: average,
        deviation_pct: deviationPct,
        last_cross_direction: lastCross?.direction ?? null,
        last_cross_time: lastCross && isoText(lastCross.at),
        trend_strength: analysis.strength,
        volume_confirmation: analysis.volumeConfirmation,
        price_vs_ma: analysis.priceVsAverage,
      },
      technical_indicators: {
        hama_status: analysis.recommendation,
        candle_close: close,
        realtime_price: realtimePrice,
        ma_value: average,
        deviation_pct: deviationPct,
        bb_basis: price(bands.middle),
        bb_upper: price(bands.upper),
        bb_lower: price(bands.lower),
        bb_width: roundTo(bands.width, 8),
        squeeze: bands.squeeze,
        expansion: bands.expansion,
        bars_used: analysis.bars,
        gaps: analysis.gaps,
      },
      timestamp: isoSeconds(at),
      analysis_note: analysis.note,
    },
    conditions: hamaConditions(analysis),
  }
}

const PRICE_DECIMALS = 8
const PRICE_DIGITS = 10

/** The largest argument of `toFixed`. */
const MAX_DECIMALS = 100

/** A price with 8 decimals, or with ten significant digits if that is more. */
function price(value: number | null): number | null {
  if (value === null || value === 0) return value
  const leadingZeros = -1 - Math.floor(Math.log10(Math.abs(value)))
  return roundTo(value, Math.min(MAX_DECIMALS, Math.max(PRICE_DECIMALS, leadingZeros + PRICE_DIGITS)))
}

/** Conditions of an analysis, by their documented names. */
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

/** Computes the conditions from the unrounded analysis; an unknown one is `false`, and the summary has the reason. */
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
