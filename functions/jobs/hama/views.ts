import {
  type BatchFillResult,
  labelsOf,
  type ServableItem,
  type View,
  type ViewContext,
  type ViewResult,
} from '#shared/read/view.ts'
import {
  failure,
  isAsStored,
  joinedResponse,
  labelledBody,
  recordText,
  uncachedResponse,
} from './responses.ts'
import { cacheStats, schedulerStatus, taskStatus } from './status-views.ts'
import { isInvalid, isListed, loadUniverse, parseSymbol, parseSymbols } from './symbols.ts'

/** The analysis of one symbol, as it is stored; of one that is not stored yet, after a wait. */
export const analyzeSymbol: View = async ({ body }, look) => {
  const said = (body ?? {}) as { symbol?: unknown; preset?: unknown }
  const symbol = parseSymbol(said.symbol)
  if (isInvalid(symbol)) return failure(400, symbol.wrong)
  const { HAMA_PRESET: preset } = look.job.settings
  if (said.preset !== undefined && said.preset !== preset)
    return failure(400, `preset must be ${preset}, as configured`)
  const item = await look.item(symbol)
  if (item) return symbolResponse(item)
  if (!isListed(symbol, await loadUniverse(look))) return failure(404, 'unknown symbol')
  const filled = await look.fill(symbol)
  switch (filled.status) {
    case 'filled':
      return symbolResponse(filled.item)
    case 'limited':
      return failure(429, 'too many symbols are asked for at once', Math.ceil(filled.retryAfterMs / 1_000))
    case 'empty':
      return failure(503, filled.reason ?? 'analysis not available', 60)
    default:
      return filled satisfies never
  }
}

function symbolResponse(item: ServableItem): ViewResult {
  if (isAsStored(item)) return { answer: 'stored', item }
  return { answer: 'value', body: labelledBody(item), from: labelsOf(item) }
}

/** Symbols that one request may ask for. */
const MAX_SYMBOLS = 100

/** What stands in place of a record. */
type MissingRecord = { readonly error: string } | { readonly status: 'pending' }

const PENDING: MissingRecord = { status: 'pending' }
const UNKNOWN_SYMBOL: MissingRecord = { error: 'unknown symbol' }
const NOT_AVAILABLE: MissingRecord = { error: 'analysis not available' }

/** The analyses of many symbols: those that are stored at once, a few others after a wait, the rest later. */
export const analyzeBatch: View = async ({ body, now }, look) => {
  const symbols = parseSymbols((body as { symbols?: unknown } | null)?.symbols, MAX_SYMBOLS)
  if (isInvalid(symbols)) return failure(400, symbols.wrong)
  const stored = await look.items(symbols)
  const missing = stored.size === symbols.length ? [] : symbols.filter((symbol) => !stored.has(symbol))
  const { filled, lacking } = await fetchMissing(missing, look)
  const found = filled.size === 0 ? stored : new Map([...stored, ...filled])
  const waited = [...filled.values()].filter((item) => item.waited).length
  const failed = [...lacking.values()].filter((one) => 'error' in one).length
  const summary = {
    total: symbols.length,
    success: found.size,
    failed,
    cached: found.size - waited,
    pending: lacking.size - failed,
  }
  if (found.size === 0)
    return uncachedResponse({ results: Object.fromEntries(lacking), summary }, now, false, {
      'x-cache': 'MISS',
    })
  const rest = `${symbols.join(' ')} ${JSON.stringify([...lacking])}`
  return joinedResponse([...found.values()], rest, () => {
    const results = symbols.map((symbol) => {
      const item = found.get(symbol)
      return `${JSON.stringify(symbol)}:${item ? recordText(item) : JSON.stringify(lacking.get(symbol))}`
    })
    return `{"results":{${results.join(',')}},"summary":${JSON.stringify(summary)}}`
  })
}

/** What becomes of symbols that are not stored, by symbol. */
async function fetchMissing(symbols: readonly string[], look: ViewContext) {
  const filled = new Map<string, ServableItem>()
  const lacking = new Map<string, MissingRecord>()
  if (symbols.length === 0) return { filled, lacking }
  const universe = await loadUniverse(look)
  const toFill = symbols.filter((symbol) => isListed(symbol, universe))
  const outcomes = toFill.length === 0 ? new Map<string, BatchFillResult>() : await look.fillMany(toFill)
  for (const symbol of symbols) {
    const outcome = outcomes.get(symbol)
    if (outcome && 'item' in outcome) filled.set(symbol, outcome.item)
    else lacking.set(symbol, isListed(symbol, universe) ? missingRecord(outcome) : UNKNOWN_SYMBOL)
  }
  return { filled, lacking }
}

/** Those that nobody fetches for this request may be there for the next one. */
function missingRecord(outcome: BatchFillResult | undefined): MissingRecord {
  return outcome?.status === 'empty' ? NOT_AVAILABLE : PENDING
}

/** The documented answers, by the name of the route's shape. */
export const views = {
  analyzeSymbol,
  analyzeBatch,
  cacheStats,
  schedulerStatus,
  task: taskStatus,
} satisfies Readonly<Record<string, View>>
