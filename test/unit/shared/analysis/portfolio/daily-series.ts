import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { seriesG } from '../series-g.ts'

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2025, 0, 1)

/** The date so many days after the first bar, `YYYY-MM-DD`. */
export function dateAt(index: number): string {
  return new Date(FIRST_DAY + index * DAY_MS).toISOString().slice(0, 10)
}

/** The documented test series as daily bars, one per calendar day. */
export function dailySeries(bars = 600): DailyBar[] {
  return seriesG(bars).map(({ open, high, low, close, volume }, index) => ({
    date: dateAt(index),
    open,
    high,
    low,
    close,
    volume,
  }))
}

/** Daily bars with these closes. Each opens at the close before it. */
export function barsWithCloses(closes: readonly number[], volume: number | null = 1_000): DailyBar[] {
  return closes.map((close, index) => {
    const open = closes[index - 1] ?? close
    return {
      date: dateAt(index),
      open,
      high: Math.max(open, close),
      low: Math.min(open, close),
      close,
      volume,
    }
  })
}
