import { crosses, sideOf } from '../momentum.ts'
import type { Series } from '../series.ts'

/** The trend as a vote of averages. `strength` is the share of the votes in percent, 50 for SIDEWAYS. */
interface Trend {
  readonly direction: 'BULLISH' | 'BEARISH' | 'SIDEWAYS'
  readonly strength: number
}

interface TrendInputs {
  readonly close: number | null
  readonly ma5: number | null
  readonly ma20: number | null
  readonly ma50: number | null
  readonly ma200: number | null
}

const MIN_VOTES = 3
const MAJORITY = 0.75
const SIDEWAYS_STRENGTH = 50

/**
 * The trend by up to four comparisons: ma5 with ma20, ma20 with ma50, ma50 with ma200, the close with ma50. BULLISH
 * (BEARISH) if at least 75 % are above (below); values that are equal within rounding count for neither.
 *
 * @returns `null` if fewer than three comparisons have both values
 */
export function trendOf({ close, ma5, ma20, ma50, ma200 }: TrendInputs): Trend | null {
  const votes = [sideOf(ma5, ma20), sideOf(ma20, ma50), sideOf(ma50, ma200), sideOf(close, ma50)].filter(
    (side) => side !== null,
  )
  if (votes.length < MIN_VOTES) return null
  const bullish = votes.filter((side) => side > 0).length / votes.length
  const bearish = votes.filter((side) => side < 0).length / votes.length
  if (bullish >= MAJORITY) return { direction: 'BULLISH', strength: 100 * bullish }
  if (bearish >= MAJORITY) return { direction: 'BEARISH', strength: 100 * bearish }
  return { direction: 'SIDEWAYS', strength: SIDEWAYS_STRENGTH }
}

const OVERSOLD_BELOW = 30
const OVERBOUGHT_ABOVE = 70

/** What an RSI means: below 30 oversold, above 70 overbought; the limits themselves are neutral. */
export function rsiSignal(rsi: number) {
  if (rsi < OVERSOLD_BELOW) return { status: 'OVERSOLD', signal: 'BUY' } as const
  if (rsi > OVERBOUGHT_ABOVE) return { status: 'OVERBOUGHT', signal: 'SELL' } as const
  return { status: 'NEUTRAL', signal: 'HOLD' } as const
}

/**
 * Whether the MACD crosses its signal line at the newest bar.
 *
 * @returns `null` without two values of both lines
 */
export function macdStatus(macd: Series, signal: Series) {
  const newest = { macd: macd.slice(-2), signal: signal.slice(-2) }
  if (newest.signal.length < 2 || [...newest.macd, ...newest.signal].includes(null)) return null
  const [cross] = crosses(newest.macd, newest.signal)
  if (cross === undefined) return 'NEUTRAL'
  return cross.direction === 1 ? 'BULLISH_CROSSOVER' : 'BEARISH_CROSSOVER'
}

interface BandsAtBar {
  readonly upper: number | null
  readonly middle: number | null
  readonly lower: number | null
}

/** Where a close lies between the Bollinger bands; a close on a line belongs to the part above it, on the upper one below. */
export function bandPosition(close: number | null, { upper, middle, lower }: BandsAtBar) {
  if (close === null || upper === null || middle === null || lower === null) return null
  if (close > upper) return 'ABOVE_UPPER'
  if (close >= middle) return 'MIDDLE_TO_UPPER'
  return close >= lower ? 'LOWER_TO_MIDDLE' : 'BELOW_LOWER'
}
