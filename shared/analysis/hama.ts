import { bollingerBands } from './bollinger-bands.ts'
import { type Candle, checkCandles, countGaps, splitRunning } from './candles.ts'
import { crosses } from './crosses.ts'
import { hamaCandles } from './hama-candles.ts'
import { type HamaPresetName, hamaPresets } from './hama-presets.ts'
import { type HamaSignal, hamaSignal } from './hama-signal.ts'
import { type Series, valueAt } from './series.ts'
import { volumeConfirmation } from './volume-confirmation.ts'

/**
 * The HAMA state of one symbol after its newest closed bar. Prices and averages in the quote asset, unrounded; times in
 * milliseconds since the epoch. Every number is finite; what cannot be told is `null`.
 */
export interface HamaAnalysis extends HamaSignal {
  readonly preset: HamaPresetName
  /** Closed bars that were looked at. */
  readonly bars: number
  readonly gaps: number
  /** When the newest closed bar closed. */
  readonly asOf: number | null
  readonly open: number | null
  readonly high: number | null
  readonly low: number | null
  readonly close: number | null
  readonly average: number | null
  /** `at` is when that bar closed. */
  readonly lastCross: { readonly direction: 1 | -1; readonly at: number } | null
  readonly pattern: 'green' | 'red' | null
  readonly volumeConfirmation: boolean | null
  /** What the running bar stands at; `null` where the newest bar is closed. It takes no part in anything but the next. */
  readonly realtimePrice: number | null
  readonly priceVsAverage: 'above' | 'below' | 'equal' | null
  readonly bands: Bands
  readonly note: '' | 'insufficient history' | 'out of range'
}

/** Bollinger bands of the raw closes; `width` is a share of the middle. */
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
  /** Milliseconds since the epoch: bars that close later are running. */
  readonly now: number
}

const BAR_MS = 900_000
const BANDS_BARS = 400
const SQUEEZE_BELOW = 0.1
const EXPANSION_ABOVE = 0.15

/** The first bar at which every preset has an open and the one before it. */
const FIRST_PATTERN = 46

/**
 * Analyses a symbol: HAMA candles against their weighted average. Linear in the number of bars.
 *
 * Only closed bars count. With fewer than the preset needs, the values that exist are shown, the recommendation is HOLD
 * without a confidence, and the note says so; likewise when prices are too large for their sums to be doubles.
 *
 * @param candles - 15-minute bars, oldest first, the newest one perhaps still running
 * @throws {RangeError} naming the bar, when a bar cannot be computed with: {@link checkCandles}
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
  const crossed = lastCross && closed[lastCross.index]
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
    lastCross: lastCross && crossed ? { direction: lastCross.direction, at: crossed.closeTime } : null,
    pattern: patternAt(series.open, newest),
    volumeConfirmation: volumeConfirmation(closed),
    realtimePrice,
    priceVsAverage: versus(realtimePrice, average),
    bands: bandsOf(closed.slice(-BANDS_BARS).map((bar) => bar.close)),
    note,
  }
}

function patternAt(opens: Series, index: number): HamaAnalysis['pattern'] {
  const open = valueAt(opens, index)
  const before = valueAt(opens, index - 1)
  if (open === null || before === null || index < FIRST_PATTERN) return null
  return open > before ? 'green' : 'red'
}

function versus(price: number | null, average: number | null): HamaAnalysis['priceVsAverage'] {
  if (price === null || average === null) return null
  if (price === average) return 'equal'
  return price > average ? 'above' : 'below'
}

/** The bands of the newest bar: one window, so that nothing is computed for the bars before it. */
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
