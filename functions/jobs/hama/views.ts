import { type AvailabilityTexts, unavailableResponse } from '#shared/read/availability.ts'
import type { BatchFillResult, ServableItem, View, ViewContext, ViewResult } from '#shared/read/view.ts'
import { failure, joinedResponse, recordText, uncachedResponse } from './responses.ts'
import { cacheStats, schedulerStatus, taskStatus } from './status-views.ts'
import { isInvalid, isListed, loadUniverse, parseSymbol, parseSymbols } from './symbols.ts'

/** The stored analysis of one symbol; waits for one that is not stored yet. */
export const analyzeSymbol: View = async ({ body }, context) => {
  const input = (body ?? {}) as { symbol?: unknown; preset?: unknown }
  const symbol = parseSymbol(input.symbol)
  if (isInvalid(symbol)) return failure(400, symbol.error)
  const { HAMA_PRESET: preset } = context.job.settings
  if (input.preset !== undefined && input.preset !== preset)
    return failure(400, `preset must be ${preset}, as configured`)
  const item = await context.item(symbol)
  if (item) return symbolResponse(item)
  if (!isListed(symbol, await loadUniverse(context))) return failure(404, 'unknown symbol')
  const result = await context.fill(symbol)
  if (result.status !== 'filled') return unavailableResponse(result, context.job, TEXTS)
  return result.item.representation.isAbsent ? failure(404, 'unknown symbol') : symbolResponse(result.item)
}

const TEXTS: AvailabilityTexts = {
  unavailable: 'analysis not available',
  limited: 'too many symbols are asked for at once',
}

function symbolResponse(item: ServableItem): ViewResult {
  return joinedResponse([item], '', () => recordText(item))
}

/** Maximum number of symbols in one request. */
const MAX_SYMBOLS = 100

/** Stands in the results for a symbol without a record. */
type MissingRecord = { readonly error: string } | { readonly status: 'pending' }

const PENDING: MissingRecord = { status: 'pending' }
const UNKNOWN_SYMBOL: MissingRecord = { error: 'unknown symbol' }
const NOT_AVAILABLE: MissingRecord = { error: 'analysis not available' }

/** The analyses of many symbols: stored ones at once, the first few missing ones after a wait, the others as pending. */
export const analyzeBatch: View = async ({ body, now }, context) => {
  const symbols = parseSymbols((body as { symbols?: unknown } | null)?.symbols, MAX_SYMBOLS)
  if (isInvalid(symbols)) return failure(400, symbols.error)
  const stored = await context.items(symbols)
  const missing = stored.size === symbols.length ? [] : symbols.filter((symbol) => !stored.has(symbol))
  const { filled, unavailable } = await fetchMissing(missing, context)
  const items = filled.size === 0 ? stored : new Map([...stored, ...filled])
  const summary = summaryOf(symbols, items, filled, unavailable)
  if (items.size === 0) {
    const data = { results: Object.fromEntries(unavailable), summary }
    return uncachedResponse(data, now, false, { 'x-cache': 'MISS' })
  }
  const variant = `${symbols.join(' ')} ${JSON.stringify([...unavailable])}`
  return joinedResponse([...items.values()], variant, () => {
    const results = symbols.map((symbol) => {
      const item = items.get(symbol)
      return `${JSON.stringify(symbol)}:${item ? recordText(item) : JSON.stringify(unavailable.get(symbol))}`
    })
    return `{"results":{${results.join(',')}},"summary":${JSON.stringify(summary)}}`
  })
}

function summaryOf(
  symbols: readonly string[],
  items: ReadonlyMap<string, ServableItem>,
  filled: ReadonlyMap<string, ServableItem>,
  unavailable: ReadonlyMap<string, MissingRecord>,
) {
  const waited = [...filled.values()].filter((item) => item.waited).length
  const failed = [...unavailable.values()].filter((record) => 'error' in record).length
  return {
    total: symbols.length,
    success: items.size,
    failed,
    cached: items.size - waited,
    pending: unavailable.size - failed,
  }
}

/** Fetches symbols that are not stored; the other results say why a record is missing. */
async function fetchMissing(symbols: readonly string[], context: ViewContext) {
  const filled = new Map<string, ServableItem>()
  const unavailable = new Map<string, MissingRecord>()
  if (symbols.length === 0) return { filled, unavailable }
  const universe = await loadUniverse(context)
  const listed = symbols.filter((symbol) => isListed(symbol, universe))
  const results = listed.length === 0 ? new Map<string, BatchFillResult>() : await context.fillMany(listed)
  for (const symbol of symbols) {
    const result = results.get(symbol)
    if (result && 'item' in result && result.item.representation.isAbsent)
      unavailable.set(symbol, UNKNOWN_SYMBOL)
    else if (result && 'item' in result) filled.set(symbol, result.item)
    else unavailable.set(symbol, isListed(symbol, universe) ? missingRecord(result) : UNKNOWN_SYMBOL)
  }
  return { filled, unavailable }
}

/** A symbol that this request did not fetch can be stored by the time of the next request. */
function missingRecord(result: BatchFillResult | undefined): MissingRecord {
  return result?.status === 'empty' ? NOT_AVAILABLE : PENDING
}

/** The documented responses, by the view name of the route. */
export const views = {
  analyzeSymbol,
  analyzeBatch,
  cacheStats,
  schedulerStatus,
  task: taskStatus,
} satisfies Readonly<Record<string, View>>
