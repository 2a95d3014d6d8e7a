import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { macd, rsi } from '../momentum.ts'
import { sma } from '../moving-averages.ts'
import { roundTo } from '../rounding.ts'
import { finiteOrNull, type Series } from '../series.ts'
import { atr, bollingerBands, percentileRank } from '../volatility.ts'
import { obv } from '../volume.ts'
import { LEVELS_BARS_NEEDED, levelsOf } from './levels.ts'
import { bandPosition, macdStatus, rsiSignal, trendOf } from './signals.ts'
import { barsAfterSplit } from './splits.ts'

const RSI_BARS = 14
const ATR_BARS = 14
const BAND_BARS = 20
const VOLUME_BARS = 20
const RANK_BARS = 120
const MIN_RANK_WIDTHS = 20
const DECIMALS = 8

/** The number of bars from which each member can have a value. */
const BARS_NEEDED = {
  date: 1,
  close: 1,
  volume: 1,
  ma5: 5,
  ma10: 10,
  ma20: 20,
  ma50: 50,
  ma200: 200,
  rsi14: 15,
  rsi_status: 15,
  rsi_signal: 15,
  macd: 26,
  macd_signal: 34,
  macd_histogram: 34,
  macd_status: 35,
  bb_upper: 20,
  bb_middle: 20,
  bb_lower: 20,
  bb_width: 20,
  bb_position: 20,
  width_percentile: 39,
  atr14: 15,
  obv: 1,
  volume_sma20: 20,
  volume_ratio: 20,
  trend_direction: 50,
  trend_strength: 50,
  support_levels: LEVELS_BARS_NEEDED,
  resistance_levels: LEVELS_BARS_NEEDED,
} as const

type Field = keyof typeof BARS_NEEDED

const VOLUME_FIELDS: ReadonlySet<Field> = new Set(['volume', 'obv', 'volume_sma20', 'volume_ratio'])

/**
 * The indicators of one symbol after its newest bar, as they are stored and served. Prices in the quoted unit; the
 * RSI and percentages in 0..100, `bb_width` a fraction. `reasons` has an entry for each member that is `null`, and for an
 * RSI of prices that never moved.
 */
export type TechnicalRecord = ReturnType<typeof valuesOf> & {
  readonly symbol: string
  readonly timeframe: '1D'
  /** Number of bars since the newest suspected split. */
  readonly bars_used: number
  /** Date of the first of them, at which the OBV begins; `null` without a bar. */
  readonly bars_from: string | null
  readonly reasons: Readonly<Partial<Record<Field, string>>>
}

/**
 * Computes the daily indicators of a symbol from the bars since its newest suspected split. Every number is finite.
 *
 * @param bars - finished sessions, oldest first
 * @see the sources of the indicators: `sma`, `rsi`, `macd`, `bollingerBands`, `atr`, `obv`
 */
export function technicalRecord(symbol: string, bars: readonly DailyBar[]): TechnicalRecord {
  const used = barsAfterSplit(bars)
  const values = valuesOf(used)
  return {
    symbol,
    timeframe: '1D',
    ...values,
    bars_used: used.length,
    bars_from: used[0]?.date ?? null,
    reasons: reasonsOf(values, used),
  }
}

/** A record with all its numbers rounded to 8 decimals. */
export function rounded(record: TechnicalRecord): TechnicalRecord {
  const round = (value: unknown) => (typeof value === 'number' ? roundTo(value, DECIMALS) : value)
  const members = Object.entries(record).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(round) : round(value),
  ])
  return Object.fromEntries(members) as TechnicalRecord
}

function valuesOf(bars: readonly DailyBar[]) {
  const closes = bars.map(({ close }) => close)
  const close = newest(closes)
  const averages = averagesOf(closes)
  const trend = trendOf({ close, ...averages })
  const levels = levelsOf(bars)
  return {
    date: bars.at(-1)?.date ?? null,
    close,
    ...averages,
    ...momentumOf(closes),
    ...bandsOf(closes),
    atr14: newest(atr(bars, ATR_BARS)),
    ...volumesOf(bars),
    trend_direction: trend?.direction ?? null,
    trend_strength: trend?.strength ?? null,
    support_levels: levels.support,
    resistance_levels: levels.resistance,
  }
}

function averagesOf(closes: readonly number[]) {
  const average = (period: number) => newest(sma(closes, period))
  return { ma5: average(5), ma10: average(10), ma20: average(20), ma50: average(50), ma200: average(200) }
}

function momentumOf(closes: readonly number[]) {
  const rsi14 = newest(rsi(closes, RSI_BARS))
  const meaning = rsi14 === null ? null : rsiSignal(rsi14)
  const lines = macd(closes)
  return {
    rsi14,
    rsi_status: meaning?.status ?? null,
    rsi_signal: meaning?.signal ?? null,
    macd: newest(lines.macd),
    macd_signal: newest(lines.signal),
    macd_histogram: newest(lines.histogram),
    macd_status: macdStatus(lines.macd, lines.signal),
  }
}

function bandsOf(closes: readonly number[]) {
  const bands = bollingerBands(closes, BAND_BARS)
  const upper = newest(bands.upper)
  const middle = newest(bands.middle)
  const lower = newest(bands.lower)
  return {
    bb_upper: upper,
    bb_middle: middle,
    bb_lower: lower,
    bb_width: newest(bands.width),
    bb_position: bandPosition(newest(closes), { upper, middle, lower }),
    width_percentile: newest(percentileRank(bands.width, RANK_BARS, MIN_RANK_WIDTHS)),
  }
}

function volumesOf(bars: readonly DailyBar[]) {
  const volumes = bars.map(({ volume }) => volume)
  const volume = newest(volumes)
  const average = newest(sma(volumes, VOLUME_BARS))
  return {
    volume,
    obv: newest(obv(bars)),
    volume_sma20: average,
    volume_ratio: volume === null || average === null ? null : finiteOrNull(volume / average),
  }
}

function newest(series: Series): number | null {
  return series.at(-1) ?? null
}

function reasonsOf(
  values: ReturnType<typeof valuesOf>,
  bars: readonly DailyBar[],
): TechnicalRecord['reasons'] {
  const reasons: Partial<Record<Field, string>> = {}
  for (const [name, needed] of Object.entries(BARS_NEEDED) as [Field, number][]) {
    if (bars.length < needed) reasons[name] = needed === 1 ? 'no bars' : `needs ${needed} bars`
    else if (values[name] === null) reasons[name] = isVolumeAbsent(name, bars) ? 'no volume' : 'out of range'
  }
  const [first] = bars
  if (values.rsi14 !== null && bars.every(({ close }) => close === first?.close)) reasons.rsi14 = 'flat'
  return reasons
}

/** Whether the bars lack a volume that a member needs; an average of 0 is no volume either. */
function isVolumeAbsent(name: Field, bars: readonly DailyBar[]): boolean {
  if (!VOLUME_FIELDS.has(name)) return false
  const needed = name === 'obv' ? bars : bars.slice(-BARS_NEEDED[name])
  return needed.some(({ volume }) => volume === null) || needed.every(({ volume }) => volume === 0)
}
