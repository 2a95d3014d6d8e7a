import { currentAnalysis, type HamaAnalysis, hamaAnalysis } from '#shared/analysis/hama.ts'
import type { HamaPresetName } from '#shared/analysis/hama-candles.ts'
import { hamaRecord } from '#shared/analysis/hama-record.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Call, PlanContext, Previous, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import { parseBars } from './bars.ts'

/** The analysis of one symbol. */
interface SymbolAnalysis {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly analysis: HamaAnalysis
  /** Bars that are left out of the analysis. */
  readonly lost: readonly LostRow[]
}

/** Largest number of symbols in an override or a submission. */
const MAX_SYMBOLS = 200

const MAX_CALLS = { retried: MAX_SYMBOLS, once: 0 }

const BARS = 1_000

/** A list of bars only grows: one with less than half of the stored number is cut. */
const CLOSED_BARS: ListExpectation = {
  name: 'closed bars',
  mayBeEmpty: false,
  maxShrink: 0.5,
  minCoverage: 0,
}

export const refresh: Refresh<SymbolAnalysis> = {
  renderVersion: 3,

  plan: (context) =>
    symbolsOf(context).map((symbol) => ({
      key: symbol,
      calls: [klines(symbol)],
      fallbacks: [{ upstream: 'binance-spot-api', calls: [klines(symbol)] }],
    })),

  parse: ([body], { job, now }) => {
    const { candles, lost } = parseBars(body, now)
    const preset = job.settings['HAMA_PRESET'] as HamaPresetName
    return { at: now, analysis: currentAnalysis(hamaAnalysis(candles, { preset, now }), now), lost }
  },

  accept: ({ analysis }, { previous }) =>
    expectNoFault(
      listFault(CLOSED_BARS, { rows: analysis.bars, storedRows: storedAnalysis(previous)?.bars }),
    ),

  review: ({ lost }, { key }) => ({
    lost: lost.map(({ name, message }) => ({ name: `${key} ${name ?? 'a bar'}`, message })),
    distrusted: [],
  }),

  item: ({ at, analysis, lost }, { key }) => {
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
      degraded:
        analysis.average === null ||
        analysis.bands.middle === null ||
        analysis.note === 'outdated' ||
        lost.length > 0,
    }
  },

  // a preload of some symbols does not count as a refresh of the whole job
  isPartialUpdate: ({ symbols }) => Array.isArray(symbols),

  totals: ({ analysis }, { previous }) => ({
    signal_changes: isChanged(analysis.recommendation, storedAnalysis(previous)?.recommendation) ? 1 : 0,
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

/** Figures of the stored analysis of a symbol. */
function storedAnalysis(previous: Previous | undefined) {
  const record = previous?.data as
    | {
        readonly hama_analysis?: {
          readonly recommendation?: string
          readonly technical_indicators?: { readonly bars_used?: number }
        }
      }
    | undefined
  const analysis = record?.hama_analysis
  return (
    analysis && { recommendation: analysis.recommendation, bars: analysis.technical_indicators?.bars_used }
  )
}

/** Whether the stored recommendation differs; `false` for a symbol that was not stored. */
function isChanged(recommendation: string, before: string | undefined): boolean {
  return before !== undefined && before !== recommendation
}

/** @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
function klines(symbol: string): Call {
  return { path: '/api/v3/klines', query: { symbol, interval: '15m', limit: String(BARS) } }
}
