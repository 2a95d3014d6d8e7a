import type { ViewContext } from '#shared/read/view.ts'

/** What is wrong with a request, in words for whoever made it. */
export interface InvalidInput {
  readonly wrong: string
}

const SYMBOL = /^[^\s#/\p{C}]{2,30}$/u

/** A symbol as a reader writes it, in the exchange's own spelling. */
export function parseSymbol(said: unknown): string | InvalidInput {
  if (typeof said !== 'string' || said.trim() === '') return { wrong: 'symbol is required' }
  const symbol = said.trim().toUpperCase()
  if (SYMBOL.test(symbol)) return symbol
  return { wrong: 'symbol is invalid: expected 2 to 30 characters without #, / and white space' }
}

/** A list of symbols, each once. */
export function parseSymbols(said: unknown, most: number): readonly string[] | InvalidInput {
  if (!Array.isArray(said) || said.length === 0) return { wrong: 'symbols is required' }
  if (said.length > most) return { wrong: `symbols must be 1 to ${most}` }
  const symbols = said.map(parseSymbol)
  const problem = symbols.find(isInvalid)
  return problem ?? [...new Set(symbols as string[])]
}

export function isInvalid(value: unknown): value is InvalidInput {
  return typeof value === 'object' && value !== null && 'wrong' in value
}

/** The symbols that the exchange lists, and those that are analysed, the most traded first. */
export interface Universe {
  readonly active: readonly string[]
  has(symbol: string): boolean
}

/** The universe as it is stored; `undefined` where none was published yet, so that no symbol can be said to be unknown. */
export async function loadUniverse(look: ViewContext): Promise<Universe | undefined> {
  const found = await look.setOf('symbol-universe')
  if (!found) return undefined
  const { symbols } = found.set.head as { readonly symbols: readonly string[] }
  return { active: symbols, has: (symbol) => found.set.entries.has(symbol) }
}

/** Whether the exchange lists a symbol; every one, as long as nobody knows. */
export function isListed(symbol: string, universe: Universe | undefined): boolean {
  return universe === undefined || universe.has(symbol)
}
