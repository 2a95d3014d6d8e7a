import { bodyMiddle, ohlc4, type Prices } from './bar-prices.ts'
import { ema } from './ema.ts'
import type { HamaPreset } from './hama-presets.ts'
import { finite, type Series } from './series.ts'
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
  const smoothed = (price: 'open' | 'high' | 'low' | 'close', source: Series) =>
    AVERAGES[preset[price].by](source, preset[price].period)

  const opens = bars.map((_, index) => {
    const before = bars[index - 1]
    return before === undefined ? null : finite(bodyMiddle(before))
  })
  const highs = bars.map(({ high, close }) => Math.max(high, close))
  const lows = bars.map(({ low, close }) => Math.min(low, close))
  const closes = bars.map((bar) => finite(ohlc4(bar)))
  const close = smoothed('close', closes)
  const averaged = preset.average.of === 'close' ? bars.map((bar) => bar.close) : close
  return {
    open: smoothed('open', opens),
    high: smoothed('high', highs),
    low: smoothed('low', lows),
    close,
    average: wma(averaged, preset.average.period),
  }
}
