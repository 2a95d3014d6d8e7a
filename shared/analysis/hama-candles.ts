import { bodyMiddle, ohlc4, type Prices } from './candles.ts'
import { ema, wma } from './moving-averages.ts'
import { finiteOrNull, type Series } from './series.ts'

/** Smoothed candles per bar, and the average for comparison; all in the unit of the prices. */
interface HamaCandles {
  readonly open: Series
  readonly high: Series
  readonly low: Series
  readonly close: Series
  readonly average: Series
}

const AVERAGES = { ema, wma }

/**
 * HAMA candles: four series, each smoothed on its own. Open: the mean of the previous bar's open and close; high: the
 * larger of high and close; low: the smaller of low and close; close: the mean of the four prices.
 *
 * @param bars - closed bars, oldest first
 * @returns one value per bar and series; `null` while warming up (the open one bar longer than its period)
 * @see NorthStarDayTrading, NSDT HAMA Candles, https://www.tradingview.com/script/k7nrF2oI-NSDT-HAMA-Candles/
 */
export function hamaCandles(bars: readonly Prices[], preset: HamaPreset): HamaCandles {
  const smoothed = (price: keyof Prices, source: Series) =>
    AVERAGES[preset[price].by](source, preset[price].period)

  const sources = sourcesOf(bars)
  const close = smoothed('close', sources.close)
  return {
    open: smoothed('open', sources.open),
    high: smoothed('high', sources.high),
    low: smoothed('low', sources.low),
    close,
    average: wma(preset.average.of === 'close' ? sources.rawClose : close, preset.average.period),
  }
}

/** The four series before smoothing, computed in one pass. */
function sourcesOf(bars: readonly Prices[]) {
  const open: (number | null)[] = []
  const high: number[] = []
  const low: number[] = []
  const close: (number | null)[] = []
  const rawClose: number[] = []
  let previous: Prices | undefined
  for (const bar of bars) {
    open.push(previous === undefined ? null : finiteOrNull(bodyMiddle(previous)))
    high.push(Math.max(bar.high, bar.close))
    low.push(Math.min(bar.low, bar.close))
    close.push(finiteOrNull(ohlc4(bar)))
    rawClose.push(bar.close)
    previous = bar
  }
  return { open, high, low, close, rawClose }
}

interface Smoothing {
  readonly by: 'ema' | 'wma'
  readonly period: number
}

/** The smoothing of HAMA candles, and the average for comparison. */
export interface HamaPreset {
  readonly open: Smoothing
  readonly high: Smoothing
  readonly low: Smoothing
  readonly close: Smoothing
  /** A weighted average over `period` closes: raw ones or those of the HAMA candles. */
  readonly average: { readonly period: number; readonly of: 'close' | 'hama-close' }
  /** With fewer closed bars, candle and average have less than two values, and a cross cannot be detected. */
  readonly barsNeeded: number
}

export type HamaPresetName = keyof typeof hamaPresets

const emaOf = (period: number): Smoothing => ({ by: 'ema', period })
const wmaOf = (period: number): Smoothing => ({ by: 'wma', period })

/** The presets: `pine` is the published indicator, `classic` and `service` are adaptations by two applications. */
export const hamaPresets = {
  pine: {
    open: emaOf(45),
    high: emaOf(20),
    low: emaOf(20),
    close: wmaOf(40),
    average: { period: 100, of: 'close' },
    barsNeeded: 101,
  },
  classic: {
    open: emaOf(25),
    high: emaOf(20),
    low: emaOf(20),
    close: wmaOf(20),
    average: { period: 55, of: 'hama-close' },
    barsNeeded: 75,
  },
  service: {
    open: emaOf(45),
    high: emaOf(20),
    low: emaOf(20),
    close: emaOf(20),
    average: { period: 100, of: 'hama-close' },
    barsNeeded: 120,
  },
} as const satisfies Readonly<Record<string, HamaPreset>>

/** The names of all presets. */
export const hamaPresetNames = Object.keys(hamaPresets) as HamaPresetName[]
