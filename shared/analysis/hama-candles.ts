import { bodyMiddle, ohlc4, type Prices } from './bar-prices.ts'
import { ema } from './ema.ts'
import type { HamaPreset } from './hama-presets.ts'
import { finiteOrNull, type Series } from './series.ts'
import { wma } from './wma.ts'

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
