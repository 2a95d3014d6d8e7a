import * as z from 'zod/mini'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { localDate } from '#shared/domain/time.ts'
import { label, orNull } from '../fields.ts'
import { type DailyBars, type RawBar, readDailyBars } from './daily-bars.ts'
import { expectSymbol } from './expect-symbol.ts'

/** The daily bars of one symbol, adjusted for splits and not for dividends. */
export interface YahooChart extends DailyBars {
  /** As the provider spells it. */
  readonly symbol: string
  /** The zone of the dates; `null` when the provider names none that is known. */
  readonly zone: string | null
  /** The unit of the prices as the provider writes it, such as `GBp`; `null` when it names none. */
  readonly quoteCurrency: string | null
  /** The exchange's date at the time of the answer. */
  readonly today: string
  /** The current or next regular session; `null` when the provider sends none. */
  readonly session: YahooSession | null
}

/** A regular session. Times are milliseconds since the epoch. */
interface YahooSession {
  /** The day of the session at the exchange. */
  readonly date: string
  readonly startAt: number
  readonly endAt: number
}

interface ChartQuestion {
  /** As the provider spells it. */
  readonly symbol: string
  readonly now: number
}

const INTERVAL = '1d'

/** The call for a year of daily bars of a symbol, as the provider spells it. */
export function yahooChartCall(symbol: string) {
  const path = `/v8/finance/chart/${encodeURIComponent(symbol)}`
  return { path, query: { range: '1y', interval: INTERVAL, events: 'div,split' } }
}

const epochSeconds = z.int().check(z.gte(0), z.lte(4e9))
const column = z.optional(z.array(z.unknown()))

const period = z.object({ start: epochSeconds, end: epochSeconds })

const meta = z.object({
  symbol: label(),
  dataGranularity: label(),
  currency: orNull(label()),
  exchangeTimezoneName: orNull(label()),
  gmtoffset: z.nullish(z.int().check(z.gte(-86_400), z.lte(86_400))),
  currentTradingPeriod: z.nullish(z.object({ regular: z.nullish(period) })),
})

const result = z.object({
  meta,
  timestamp: z.nullish(z.array(epochSeconds)),
  indicators: z.optional(
    z.object({
      quote: z.array(z.object({ open: column, high: column, low: column, close: column, volume: column })),
    }),
  ),
})

const body = z.object({ chart: z.object({ result: z.array(result).check(z.length(1)) }) })

/**
 * Parses an answer of `/v8/finance/chart`. Without time stamps there was no trade in the range: it has no bars.
 *
 * @throws {TypeError} for an answer about another symbol or interval, for columns of different length, and when too many
 *   bars are unusable
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseYahooChart(answer: unknown, { symbol, now }: ChartQuestion): YahooChart {
  const [chart] = body.parse(answer).chart.result
  if (!chart) throw new TypeError('expected one result, got none')
  const { meta: about, timestamp, indicators } = chart
  expectSymbol(symbol, about.symbol)
  if (about.dataGranularity !== INTERVAL)
    throw new TypeError(`expected bars of ${INTERVAL}, got bars of ${about.dataGranularity}`)
  const { zone, dateOf } = exchangeDates(about.exchangeTimezoneName, about.gmtoffset ?? 0)
  const rows = rowsOf(timestamp ?? [], indicators?.quote[0] ?? {}, dateOf)
  const today = dateOf(now)
  const regular = about.currentTradingPeriod?.regular
  return {
    symbol: about.symbol,
    zone,
    quoteCurrency: about.currency,
    today,
    session: regular ? sessionOf(regular, dateOf) : null,
    ...readDailyBars(rows, { form: 'number', today }),
  }
}

function sessionOf({ start, end }: z.infer<typeof period>, dateOf: (at: number) => string): YahooSession {
  return { date: dateOf(start * SECOND_MS), startAt: start * SECOND_MS, endAt: end * SECOND_MS }
}

/** Prices of a session are final this long after its end. */
const FINAL_AFTER_MS = 30 * MINUTE_MS

/** Whether the session of a bar has ended and its prices are final: that of an earlier date, or today's after its end. */
export function isFinalYahooBar(
  { date }: Pick<DailyBar, 'date'>,
  { today, session }: Pick<YahooChart, 'today' | 'session'>,
  now: number,
): boolean {
  return date < today || (session?.date === date && now >= session.endAt + FINAL_AFTER_MS)
}

/** Rows of the parallel columns. */
function rowsOf(
  timestamps: readonly number[],
  columns: Readonly<Partial<Record<Exclude<keyof DailyBar, 'date'>, readonly unknown[] | undefined>>>,
  dateOf: (at: number) => string,
): RawBar[] {
  const valuesOf = (name: keyof typeof columns) => {
    const values = columns[name] ?? []
    if (values.length === timestamps.length) return values
    throw new TypeError(`expected ${timestamps.length} values of ${name}, got ${values.length}`)
  }
  const [open, high, low] = [valuesOf('open'), valuesOf('high'), valuesOf('low')]
  const [close, volume] = [valuesOf('close'), valuesOf('volume')]
  return timestamps.map((seconds, index) => ({
    date: dateOf(seconds * SECOND_MS),
    open: open[index],
    high: high[index],
    low: low[index],
    close: close[index],
    volume: volume[index],
  }))
}

/**
 * Converts times to dates of the exchange. The rules of its zone decide, because the offset in the answer is that of
 * today and does not hold for bars before a change of clocks.
 *
 * @param offsetS - seconds east of UTC, for a zone that is missing or unknown
 */
function exchangeDates(zone: string | null, offsetS: number) {
  const byOffset = (at: number) => new Date(at + offsetS * SECOND_MS).toISOString().slice(0, 10)
  if (zone === null) return { zone, dateOf: byOffset }
  try {
    localDate(zone, 0)
  } catch {
    return { zone: null, dateOf: byOffset }
  }
  return { zone, dateOf: (at: number) => localDate(zone, at) }
}
