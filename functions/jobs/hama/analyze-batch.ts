import type { Look, ServableItem, Shape } from '#functions/serving/shape.ts'
import { failure, joinedAnswer, nowAnswer } from './answers.ts'
import { recordText } from './record.ts'
import { isProblem, symbolsFrom } from './symbols.ts'
import { isKnown, universeOf } from './universe.ts'

/** Symbols that one request may ask for. */
const MOST_SYMBOLS = 100

/** Symbols of one request that are fetched while its reader waits. */
const MOST_FILLS = 10

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
  const failed = [...lacking.values()].filter((one) => 'error' in one).length
  const summary = {
    total: symbols.length,
    success: stored.size + filled.size,
    failed,
    cached: stored.size,
    pending: lacking.size - failed,
  }
  const found = filled.size === 0 ? stored : new Map([...stored, ...filled])
  if (found.size === 0) return nowAnswer({ results: Object.fromEntries(lacking), summary }, now, false)
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
  const outcomes = await Promise.all(toFill.slice(0, MOST_FILLS).map((symbol) => look.fill(symbol)))
  for (const symbol of symbols) lacking.set(symbol, isKnown(symbol, universe) ? PENDING : UNKNOWN)
  for (const [index, outcome] of outcomes.entries()) {
    const symbol = toFill[index] ?? ''
    if (outcome.status === 'empty') lacking.set(symbol, NOT_AVAILABLE)
    if (outcome.status !== 'filled') continue
    filled.set(symbol, outcome.item)
    lacking.delete(symbol)
  }
  return { filled, lacking }
}
