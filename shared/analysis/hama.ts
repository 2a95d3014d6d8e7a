import { MINUTE_MS } from '#shared/domain/duration.ts'
import { type Candle, checkCandles, countGaps, splitRunning } from './candles.ts'
import { type HamaPresetName, hamaCandles, hamaPresets } from './hama-candles.ts'
import { type Cross, crosses } from './momentum.ts'
import { finiteOrNull, type Series, valueAt } from './series.ts'
import { bollingerBands } from './volatility.ts'
import { volumeConfirmation } from './volume.ts'

/**
 * The HAMA state of one symbol after its newest closed bar. Prices and averages in the quote asset, unrounded; times in
 * milliseconds since the epoch. Every number is finite; an unknown value is `null`.
 */
export interface HamaAnalysis extends HamaSignal {
  readonly preset: HamaPresetName
  /** Number of closed bars. */
  readonly bars: number
  /** Number of missing bars between the first and the newest closed one. */
  readonly gaps: number
  /** Close time of the newest closed bar. */
  readonly asOf: number | null
  readonly open: number | null
  readonly high: number | null
  readonly low: number | null
  readonly close: number | null
  readonly average: number | null
  /** `at` is the close time of that bar. */
  readonly lastCross: { readonly direction: 1 | -1; readonly at: number } | null
  readonly pattern: 'green' | 'red' | null
  readonly volumeConfirmation: boolean | null
  /** Current price of the running bar; `null` without one. Only `priceVsAverage` depends on it. */
  readonly realtimePrice: number | null
  readonly priceVsAverage: 'above' | 'below' | 'equal' | null
  readonly bands: Bands
  /** `outdated`: the newest closed bar ended more than two bars ago, so that it says nothing of now. */
  readonly note: '' | 'insufficient history' | 'out of range' | 'outdated'
}

/** Bollinger bands of the raw closes; `width` is a fraction of the middle. */
interface Bands {
  readonly upper: number | null
  readonly middle: number | null
  readonly lower: number | null
  readonly width: number | null
  readonly squeeze: boolean | null
  readonly expansion: boolean | null
}

interface HamaOptions {
  readonly preset: HamaPresetName
  /** Milliseconds since the epoch; bars that close later are running. */
  readonly now: number
}

/** Length of a bar. */
export const BAR_MS = 15 * MINUTE_MS

/** A signal needs a bar that ended at most this many bars ago. */
const MAX_BARS_BEHIND = 2

const BANDS_BARS = 400
const SQUEEZE_BELOW = 0.1
const EXPANSION_ABOVE = 0.15

/** The first bar at which every preset has two values of open. */
const FIRST_PATTERN = 46

/**
 * Analyses a symbol: HAMA candles against their weighted average. Linear in the number of bars.
 *
 * Only closed bars count. With fewer bars than the preset needs, the recommendation is HOLD without a confidence, and
 * `note` has the reason; likewise if a sum of prices exceeds double precision.
 *
 * @param candles - 15-minute bars, oldest first; the newest one may still be running
 * @throws {RangeError} naming an invalid bar: {@link checkCandles}
 * @see NorthStarDayTrading, NSDT HAMA Candles, https://www.tradingview.com/script/k7nrF2oI-NSDT-HAMA-Candles/
 */
export function hamaAnalysis(candles: readonly Candle[], { preset, now }: HamaOptions): HamaAnalysis {
  checkCandles(candles)
  const { closed, running } = splitRunning(candles, now)
  const series = hamaCandles(closed, hamaPresets[preset])
  const newest = closed.length - 1
  const close = valueAt(series.close, newest)
  const average = valueAt(series.average, newest)
  const lastCross = crosses(series.close, series.average).at(-1)
  const crossBar = lastCross && closed[lastCross.index]
  const signal = hamaSignal(close, average, lastCross)
  const note = noteOf(closed.length, preset, signal.deviationPct)
  const realtimePrice = running?.close ?? null
  return {
    preset,
    bars: closed.length,
    gaps: countGaps(closed, BAR_MS),
    asOf: closed.at(-1)?.closeTime ?? null,
    open: valueAt(series.open, newest),
    high: valueAt(series.high, newest),
    low: valueAt(series.low, newest),
    close,
    average,
    ...signal,
    confidence: note === '' ? signal.confidence : null,
    lastCross: lastCross && crossBar ? { direction: lastCross.direction, at: crossBar.closeTime } : null,
    pattern: patternAt(series.open, newest),
    volumeConfirmation: volumeConfirmation(closed),
    realtimePrice,
    priceVsAverage: comparePrice(realtimePrice, average),
    bands: bandsOf(closed.slice(-BANDS_BARS).map((bar) => bar.close)),
    note,
  }
}

/**
 * An analysis as a statement about a time: without recommendation, trend and confidence when its newest closed bar ended
 * more than two bars before. What was computed from the bars stays.
 *
 * @param at - milliseconds since the epoch
 */
export function currentAnalysis(analysis: HamaAnalysis, at: number): HamaAnalysis {
  if (analysis.asOf === null || at - analysis.asOf <= MAX_BARS_BEHIND * BAR_MS) return analysis
  return {
    ...analysis,
    recommendation: 'HOLD',
    trend: 'sideways',
    strength: null,
    confidence: null,
    note: 'outdated',
  }
}

function patternAt(opens: Series, index: number): HamaAnalysis['pattern'] {
  const open = valueAt(opens, index)
  const previous = valueAt(opens, index - 1)
  if (open === null || previous === null || index < FIRST_PATTERN) return null
  return open > previous ? 'green' : 'red'
}

function comparePrice(price: number | null, average: number | null): HamaAnalysis['priceVsAverage'] {
  if (price === null || average === null) return null
  if (price === average) return 'equal'
  return price > average ? 'above' : 'below'
}

/** The bands of the newest bar. The input is one window long, so that only that bar is computed. */
function bandsOf(closes: readonly number[]): Bands {
  const bands = bollingerBands(closes, BANDS_BARS)
  const newest = closes.length - 1
  const width = valueAt(bands.width, newest)
  return {
    upper: valueAt(bands.upper, newest),
    middle: valueAt(bands.middle, newest),
    lower: valueAt(bands.lower, newest),
    width,
    squeeze: width === null ? null : width < SQUEEZE_BELOW,
    expansion: width === null ? null : width > EXPANSION_ABOVE,
  }
}

function noteOf(bars: number, preset: HamaPresetName, deviationPct: number | null): HamaAnalysis['note'] {
  if (bars < hamaPresets[preset].barsNeeded) return 'insufficient history'
  return deviationPct === null ? 'out of range' : ''
}

type Recommendation = 'BUY' | 'SELL' | 'HOLD'

/** The trend, derived from the smoothed close's last cross and its distance from the average. */
export interface HamaSignal {
  /** |close − average|/average in percent; `null` if one of them is missing. */
  readonly deviationPct: number | null
  readonly recommendation: Recommendation
  readonly trend: 'uptrend' | 'downtrend' | 'sideways'
  readonly strength: 'strong' | 'moderate' | 'weak' | null
  /** 0.3 for HOLD, 0.7…1 otherwise; `null` without a deviation. */
  readonly confidence: number | null
}

const TRENDS = { BUY: 'uptrend', SELL: 'downtrend', HOLD: 'sideways' } as const

/** Below this distance from the average, in percent, the recommendation is HOLD. */
const DEAD_BAND_PCT = 0.1

/**
 * The signal: BUY or SELL if the HAMA close lies on the side of the last cross and outside the dead band, else HOLD.
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
