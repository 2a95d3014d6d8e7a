import type { Candle } from '#shared/analysis/candles.ts'
import { type HamaAnalysis, hamaAnalysis } from '#shared/analysis/hama.ts'
import type { HamaPresetName } from '#shared/analysis/hama-candles.ts'
import { hamaRecord } from '#shared/analysis/hama-record.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { shown } from '#shared/domain/text.ts'
import type { Call, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { firstRejection, inRange } from '#shared/engine/validate/verdicts.ts'

/** The analysis of one symbol. */
interface SymbolAnalysis {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly analysis: HamaAnalysis
  /** Open time of the newest bar, closed or not; milliseconds since the epoch. */
  readonly newestAt: number | null
}

/** Largest number of symbols in an override or a submission. */
const MAX_SYMBOLS = 200

const MAX_CALLS = { retried: MAX_SYMBOLS, once: 0 }

const BARS = 1_000
const MAX_AHEAD_MS = 5 * MINUTE_MS

export const refresh: Refresh<SymbolAnalysis> = {
  renderVersion: 2,

  plan: (context) =>
    symbolsOf(context).map((symbol) => ({
      key: symbol,
      calls: [klines(symbol)],
      fallbacks: [{ upstream: 'binance-spot-api', calls: [klines(symbol)] }],
    })),

  parse: ([body], { job, now }) => {
    const candles = parseCandles(body)
    const preset = job.settings['HAMA_PRESET'] as HamaPresetName
    const analysis = hamaAnalysis(candles, { preset, now })
    return { at: now, analysis, newestAt: candles.at(-1)?.openTime ?? null }
  },

  accept: ({ analysis, newestAt }, { now }) =>
    firstRejection(
      inRange('a number of closed bars', analysis.bars, { min: 1, max: BARS }),
      inRange('a newest bar that opened at', newestAt ?? Number.NaN, {
        min: 0,
        max: now + MAX_AHEAD_MS,
      }),
    ),

  item: ({ at, analysis }, { key }) => {
    const record = hamaRecord(analysis, { symbol: key, at })
    const { timestamp } = record.hama_analysis
    return {
      data: {
        symbol: key,
        ...record,
        conditions: { ...record.conditions },
        timestamp,
        cached: true,
        cached_at: timestamp,
        cache_source: 'dynamodb',
      },
      asOf: analysis.asOf ?? at,
      degraded: analysis.average === null || analysis.bands.middle === null,
    }
  },

  // a preload of some symbols does not count as a refresh of the whole job
  isPartialUpdate: ({ symbols }) => Array.isArray(symbols),

  totals: ({ analysis }, { previous }) => ({
    signal_changes: isChanged(analysis.recommendation, previous?.data) ? 1 : 0,
  }),

  summarizeRun: ({ counts: { planned, failed }, durationMs, totals }) => ({
    message: `HAMA refresh completed: ${planned - failed} succeeded, ${failed} failed in ${(durationMs / 1_000).toFixed(2)}s`,
    logFields: {
      symbols_total: planned,
      symbols_success: planned - failed,
      symbols_failed: failed,
      signal_changes: totals['signal_changes'] ?? 0,
    },
  }),

  maxCalls: () => ({ 'binance-spot': MAX_CALLS, 'binance-spot-api': MAX_CALLS }),
}

/** The requested key, the submitted symbols, the operator's override, or the universe: the first that is set. */
function symbolsOf({ key, items, params, inputs }: PlanContext): readonly string[] {
  if (key !== undefined) return [key]
  const { symbols } = params
  if (Array.isArray(symbols)) return symbols.filter((symbol) => typeof symbol === 'string')
  if (items !== undefined) return items
  return activeSymbols(inputs.get('symbol-universe')?.head)
}

function activeSymbols(head: JsonValue | undefined): readonly string[] {
  const { symbols } = (head ?? { symbols: [] }) as { readonly symbols: readonly string[] }
  return symbols
}

/** Whether the stored recommendation differs; `false` for a symbol that was not stored. */
function isChanged(recommendation: string, stored: JsonValue | undefined): boolean {
  const record = stored as
    | { readonly hama_analysis?: { readonly recommendation?: string } }
    | null
    | undefined
  const before = record?.hama_analysis?.recommendation
  return before !== undefined && before !== recommendation
}

/** @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
function klines(symbol: string): Call {
  return { path: '/api/v3/klines', query: { symbol, interval: '15m', limit: String(BARS) } }
}

/** Indices of the members of a bar. */
const OPEN_TIME = 0
const OPEN = 1
const HIGH = 2
const LOW = 3
const CLOSE = 4
const VOLUME = 5
const CLOSE_TIME = 6
const QUOTE_VOLUME = 7

const DECIMAL = /^\d+(?:\.\d+)?$/

/**
 * Parses the exchange's list of bars, oldest first: each a list of open time, four prices, volume, close time and quote
 * volume, with prices and volumes as text. Without a schema library, because a run parses eight thousand numbers a symbol.
 *
 * @throws {TypeError} naming the bar and the member, with expected and got
 */
export function parseCandles(body: unknown): readonly Candle[] {
  if (!Array.isArray(body)) throw new TypeError('expected a list of bars')
  return body.map((bar: unknown, index): Candle => {
    if (!Array.isArray(bar)) throw new TypeError(`bar ${index}: expected a list, got ${typeof bar}`)
    return {
      openTime: timeAt(bar, OPEN_TIME, index),
      closeTime: timeAt(bar, CLOSE_TIME, index),
      open: decimalAt(bar, OPEN, index),
      high: decimalAt(bar, HIGH, index),
      low: decimalAt(bar, LOW, index),
      close: decimalAt(bar, CLOSE, index),
      volume: decimalAt(bar, VOLUME, index),
      quoteVolume: decimalAt(bar, QUOTE_VOLUME, index),
    }
  })
}

function decimalAt(bar: readonly unknown[], member: number, index: number): number {
  const text = bar[member]
  if (typeof text === 'string' && DECIMAL.test(text)) return Number(text)
  throw new TypeError(`bar ${index}, member ${member}: expected a decimal as text, got ${shown(text)}`)
}

function timeAt(bar: readonly unknown[], member: number, index: number): number {
  const value = bar[member]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new TypeError(`bar ${index}, member ${member}: expected whole milliseconds, got ${shown(value)}`)
}
