import type { BatchFillResult, ServableItem, View, ViewContext } from '#shared/read/view.ts'
import { failure, joinedResponse, uncachedResponse } from './answers.ts'
import { recordText } from './record.ts'
import { isInvalid, parseSymbols } from './symbols.ts'
import { isListed, loadUniverse } from './universe.ts'

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
