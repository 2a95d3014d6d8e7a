import { meanOfPresent } from './score-arithmetic.ts'
import type { TechnicalRecord } from './technical-record.ts'

const SIGNS = { BULLISH: 1, SIDEWAYS: 0, BEARISH: -1 }

/**
 * The technical score, 0 to 100: the mean of a trend part and an RSI part.
 *
 * @returns `null` if one of the two is absent
 */
export function technicalScore({ trend_direction, trend_strength, rsi14 }: TechnicalRecord): number | null {
  if (trend_direction === null || trend_strength === null || rsi14 === null) return null
  return (50 + (SIGNS[trend_direction] * trend_strength) / 2 + technicalRsiPart(rsi14)) / 2
}

function technicalRsiPart(rsi: number): number {
  if (rsi < 30) return 90
  return rsi > 70 ? 40 : 80
}

/** The sentiment, 0 to 100: the mean of the parts of RSI, MACD and volume that are present; `null` without any. */
export function sentimentScore({
  rsi14,
  macd_histogram,
  close,
  volume_ratio,
}: TechnicalRecord): number | null {
  return meanOfPresent([
    rsi14 === null ? null : sentimentRsiPart(rsi14),
    macd_histogram === null || close === null ? null : macdPart((100 * macd_histogram) / close),
    volume_ratio === null ? null : volumePart(volume_ratio),
  ])
}

function sentimentRsiPart(rsi: number): number {
  if (rsi < 30) return 90
  if (rsi < 40) return 80
  if (rsi <= 60) return 70
  return rsi <= 70 ? 60 : 40
}

/** @param percent - MACD histogram in percent of the close */
function macdPart(percent: number): number {
  if (percent > 0) return Math.min(70 + 40 * percent, 90)
  return percent < 0 ? Math.max(30 + 40 * percent, 10) : 50
}

function volumePart(ratio: number): number {
  if (ratio > 1.5) return 80
  if (ratio > 1) return 70
  return ratio > 0.7 ? 60 : 50
}
