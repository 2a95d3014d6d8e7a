import { bodyMiddle, ohlc4, type Prices } from './candles.ts'
import { ema, wma } from './moving-averages.ts'
import { finiteOrNull, type Series } from './series.ts'

/** Smoothed candles bar by bar, and the average they are held against; all in the unit of the prices. */
interface HamaCandles {
  readonly open: Series
  readonly high: Series
  readonly low: Series
  readonly close: Series
  readonly average: Series
}

const AVERAGES = { ema, wma }

/**
 * HAMA candles: each of a candle's four prices smoothed on its own, from the middle of the previous bar's body, the
 * higher and the lower of close and extreme, and the mean of the four prices.
 *
 * @param bars - closed bars, oldest first
 * @returns one value per bar and series; `null` while warming up, for the open one bar longer than its smoothing
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

/** What is smoothed, gathered in one pass. */
function sourcesOf(bars: readonly Prices[]) {
  const open: (number | null)[] = []
  const high: number[] = []
  const low: number[] = []
  const close: (number | null)[] = []
  const rawClose: number[] = []
  let before: Prices | undefined
  for (const bar of bars) {
    open.push(before === undefined ? null : finiteOrNull(bodyMiddle(before)))
    high.push(Math.max(bar.high, bar.close))
    low.push(Math.min(bar.low, bar.close))
    close.push(finiteOrNull(ohlc4(bar)))
    rawClose.push(bar.close)
    before = bar
  }
  return { open, high, low, close, rawClose }
}

interface Smoothing {
  readonly by: 'ema' | 'wma'
  readonly period: number
}

/** How HAMA candles are smoothed, and the average they are held against. */
export interface HamaPreset {
  readonly open: Smoothing
  readonly high: Smoothing
  readonly low: Smoothing
  readonly close: Smoothing
  /** A weighted average of so many raw closes, or closes of HAMA candles. */
  readonly average: { readonly period: number; readonly of: 'close' | 'hama-close' }
  /** With fewer closed bars there are not two values of candle and average, so that no cross can be seen. */
  readonly barsNeeded: number
}

export type HamaPresetName = keyof typeof hamaPresets

const emaOf = (period: number): Smoothing => ({ by: 'ema', period })
const wmaOf = (period: number): Smoothing => ({ by: 'wma', period })

/** The presets: `pine` as the indicator was published, `classic` and `service` as two applications adapted it. */
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

/** Their names. */
export const hamaPresetNames = Object.keys(hamaPresets) as HamaPresetName[]
