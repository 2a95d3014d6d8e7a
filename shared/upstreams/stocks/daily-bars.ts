import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { excerpt } from '#shared/domain/redaction.ts'
import { shown } from '#shared/domain/text.ts'
import { isCalendarDate } from '#shared/domain/time.ts'
import { isAmount, isPrice, type NumberForm, numberOf } from '../fields.ts'
import { expectFewLost, type LostRow } from '../rows.ts'

/** The bars of an answer. */
export interface DailyBars {
  /** Oldest first, each date once. The last one may be of a session that has not ended. */
  readonly bars: readonly DailyBar[]
  /** Dates of rows without prices, oldest first: sessions that the provider delivers later, not holidays. */
  readonly undelivered: readonly string[]
  /** Rows that cannot be used. */
  readonly lost: readonly LostRow[]
}

/** A row of a provider, unparsed. A price that is absent is `undefined`, `null` or a text that means no value. */
export type RawBar = Readonly<Record<keyof DailyBar, unknown>>

interface ReadOptions {
  /** How the provider writes its numbers. */
  readonly form: NumberForm
  /** The latest date that a bar may have. */
  readonly today: string
}

/** An answer with more unusable rows is not believed. */
const MAX_LOST_SHARE = 0.1

/** Largest share by which an open or a close may lie beyond low and high: adjusted prices are rounded one by one. */
const MAX_BEYOND_SHARE = 0.005

/** No share is ten times as dear as on the same day. */
const MAX_RANGE = 10

/**
 * Parses the rows of a provider, in any order. A row without one of its four prices is not delivered yet. A row is lost if
 * its date is no day of the calendar, in the future, or the date of another row, if a number cannot be read or is beyond
 * its bounds, and if its prices contradict each other. Without a schema library, because an answer has thousands of
 * numbers.
 *
 * @throws {TypeError} when more than a tenth of the rows are lost
 */
export function readDailyBars(rows: readonly RawBar[], options: ReadOptions): DailyBars {
  const bars = new Map<string, DailyBar>()
  const undelivered = new Set<string>()
  const lost: LostRow[] = []
  for (const row of rows) {
    const bar = readBar(row, options)
    if (typeof bar === 'string') lost.push({ name: nameOf(row), message: bar })
    else if (bar.close === null) undelivered.add(bar.date)
    else if (bars.has(bar.date))
      lost.push({ name: bar.date, message: `expected one bar of ${bar.date}, got a second` })
    else bars.set(bar.date, bar)
  }
  expectFewLost('bars', lost, { total: rows.length, maxShare: MAX_LOST_SHARE })
  return {
    bars: [...bars.values()].sort((a, b) => compareTexts(a.date, b.date)),
    undelivered: [...undelivered].filter((date) => !bars.has(date)).sort(compareTexts),
    lost,
  }
}

/** The bar, its date if it has not all prices, or why it cannot be used. */
function readBar(
  row: RawBar,
  { form, today }: ReadOptions,
): DailyBar | { readonly date: string; readonly close: null } | string {
  const { date } = row
  if (!isCalendarDate(date)) return `expected a date such as 2026-11-27, got ${shown(date)}`
  if (date > today) return `expected a date up to ${today}, got ${date}`
  const prices = [row.open, row.high, row.low, row.close]
  if (prices.some(isAbsent)) return { date, close: null }
  const [open = Number.NaN, high = Number.NaN, low = Number.NaN, close = Number.NaN] = prices.map((value) =>
    numberOf(value, form),
  )
  if (![open, high, low, close].every(isPrice))
    return `expected four prices as ${form} within their bounds, got ${shown(prices)}`
  const volume = isAbsent(row.volume) ? null : numberOf(row.volume, form)
  if (volume !== null && !isAmount(volume))
    return `expected a volume as ${form} of 0 or more, got ${shown(row.volume)}`
  const bar = { date, open, high, low, close, volume }
  return contradiction(bar) ?? bar
}

function contradiction({ open, high, low, close }: DailyBar): string | undefined {
  if (high < low) return `expected a high at or above the low of ${low}, got ${high}`
  if (high > MAX_RANGE * low)
    return `expected a high of at most ${MAX_RANGE} times the low of ${low}, got ${high}`
  const [from, to] = [low * (1 - MAX_BEYOND_SHARE), high * (1 + MAX_BEYOND_SHARE)]
  if (open < from || open > to) return `expected an open from ${low} to ${high}, got ${open}`
  return close < from || close > to ? `expected a close from ${low} to ${high}, got ${close}` : undefined
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && /^(?:None|-)?$/.test(value))
}

function nameOf({ date }: RawBar): string | undefined {
  return typeof date === 'string' && date !== '' ? excerpt(date, 10) : undefined
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
