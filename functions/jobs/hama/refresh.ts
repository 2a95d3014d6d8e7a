import type { Candle } from '#shared/analysis/candles.ts'
import { type HamaAnalysis, hamaAnalysis } from '#shared/analysis/hama.ts'
import type { HamaPresetName } from '#shared/analysis/hama-candles.ts'
import { hamaRecord } from '#shared/analysis/hama-record.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Call, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { firstRejection, inRange } from '#shared/engine/validate/verdicts.ts'

/** One symbol's analysis, made at a moment in milliseconds since the epoch. */
interface SymbolAnalysis {
  readonly at: number
  readonly analysis: HamaAnalysis
  /** When the newest bar opened, be it closed or not. */
  readonly newestAt: number | null
}

/** More symbols than an override or a submission may name. */
const MAX_SYMBOLS = 200

const MAX_CALLS = { retried: MAX_SYMBOLS, once: 0 }

const BARS = 1_000
const MAX_AHEAD_MS = 300_000

export const refresh: Refresh<SymbolAnalysis> = {
  renderVersion: 1,

  plan: (context) =>
    symbolsOf(context).map((symbol) => ({
      key: symbol,
      calls: [klines(symbol)],
      fallbacks: [{ upstream: 'binance-spot-api', calls: [klines(symbol)] }],
    })),

  parse: ([answer], { job, now }) => {
    const candles = parseCandles(answer)
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

  // a preload says nothing of when all symbols were analysed
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

/** The one asked for, those that were submitted, those that an operator narrows the job to, or the universe. */
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

/** Whether a symbol was stored with another recommendation; of one that was not stored, nothing has changed. */
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

/** Members of a bar that are used; what follows is not to be relied on. */
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
 * Bars as the exchange lists them, oldest first: each a list of open time, four prices, volume, close time and quote
 * volume, prices and volumes written as text. Read by hand, because a run reads eight thousand numbers a symbol.
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
  throw new TypeError(
    `bar ${index}, member ${member}: expected a decimal as text, got ${JSON.stringify(text)?.slice(0, 40)}`,
  )
}

function timeAt(bar: readonly unknown[], member: number, index: number): number {
  const value = bar[member]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new TypeError(
    `bar ${index}, member ${member}: expected whole milliseconds, got ${JSON.stringify(value)?.slice(0, 40)}`,
  )
}
