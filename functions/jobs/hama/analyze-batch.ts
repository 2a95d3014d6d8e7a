import type { FilledOfMany, Look, ServableItem, Shape } from '#functions/serving/shape.ts'
import { failure, joinedAnswer, nowAnswer } from './answers.ts'
import { recordText } from './record.ts'
import { isProblem, symbolsFrom } from './symbols.ts'
import { isKnown, universeOf } from './universe.ts'

/** Symbols that one request may ask for. */
const MOST_SYMBOLS = 100

/** What stands in place of a record. */
type Lacking = { readonly error: string } | { readonly status: 'pending' }

const PENDING: Lacking = { status: 'pending' }
const UNKNOWN: Lacking = { error: 'unknown symbol' }
const NOT_AVAILABLE: Lacking = { error: 'analysis not available' }

/** The analyses of many symbols: those that are stored at once, a few others after a wait, the rest later. */
export const analyzeBatch: Shape = async ({ body, now }, look) => {
  const symbols = symbolsFrom((body as { symbols?: unknown } | null)?.symbols, MOST_SYMBOLS)
  if (isProblem(symbols)) return failure(400, symbols.wrong)
  const stored = await look.items(symbols)
  const missing = stored.size === symbols.length ? [] : symbols.filter((symbol) => !stored.has(symbol))
  const { filled, lacking } = await filledOf(missing, look)
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
    return nowAnswer({ results: Object.fromEntries(lacking), summary }, now, false, { 'x-cache': 'MISS' })
  const rest = `${symbols.join(' ')} ${JSON.stringify([...lacking])}`
  return joinedAnswer([...found.values()], rest, () => {
    const results = symbols.map((symbol) => {
      const item = found.get(symbol)
      return `${JSON.stringify(symbol)}:${item ? recordText(item) : JSON.stringify(lacking.get(symbol))}`
    })
    return `{"results":{${results.join(',')}},"summary":${JSON.stringify(summary)}}`
  })
}

/** What becomes of symbols that are not stored, by symbol. */
async function filledOf(symbols: readonly string[], look: Look) {
  const filled = new Map<string, ServableItem>()
  const lacking = new Map<string, Lacking>()
  if (symbols.length === 0) return { filled, lacking }
  const universe = await universeOf(look)
  const toFill = symbols.filter((symbol) => isKnown(symbol, universe))
  const outcomes = toFill.length === 0 ? new Map<string, FilledOfMany>() : await look.fillMany(toFill)
  for (const symbol of symbols) {
    const outcome = outcomes.get(symbol)
    if (outcome && 'item' in outcome) filled.set(symbol, outcome.item)
    else lacking.set(symbol, isKnown(symbol, universe) ? lackingOf(outcome) : UNKNOWN)
  }
  return { filled, lacking }
}

/** Those that nobody fetches for this request may be there for the next one. */
function lackingOf(outcome: FilledOfMany | undefined): Lacking {
  return outcome?.status === 'empty' ? NOT_AVAILABLE : PENDING
}
