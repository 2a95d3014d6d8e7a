import type { Candle } from '#shared/analysis/candles.ts'

const STEP_MS = 900_000

/** When bar 0 opens: bar 599 closes a millisecond before 15:00. */
export const OPENED = Date.UTC(2026, 10, 20, 15) - 600 * STEP_MS

/** When so many bars have closed. */
export function closedAfter(bars: number): number {
  return OPENED + bars * STEP_MS
}

/** The documented test series: two waves on a slow rise, in bars of 15 minutes without gaps. */
export function seriesG(bars = 600): Candle[] {
  return Array.from({ length: bars }, (_, i) => {
    const open = wave(i - 1)
    const close = wave(i)
    const volume = 1000 + 100 * Math.sin(i / 9)
    return {
      openTime: OPENED + i * STEP_MS,
      closeTime: OPENED + (i + 1) * STEP_MS - 1,
      open,
      high: Math.max(open, close) + 0.5 + 0.3 * Math.sin(i / 3),
      low: Math.min(open, close) - 0.5 - 0.2 * Math.cos(i / 4),
      close,
      volume,
      quoteVolume: volume * close,
    }
  })
}

/** Bars that all stand at one price. */
export function flatSeries(price: number, bars: number): Candle[] {
  return seriesG(bars).map((bar) => ({ ...bar, open: price, high: price, low: price, close: price }))
}

function wave(j: number): number {
  return 100 + 10 * Math.sin(j / 17) + 0.02 * j + 2 * Math.cos(j / 5)
}
