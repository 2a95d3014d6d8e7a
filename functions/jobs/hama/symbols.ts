import type { ViewContext } from '#shared/read/view.ts'

/** The error message for invalid input. */
export interface InvalidInput {
  readonly error: string
}

const SYMBOL = /^[^\s#/\p{C}]{2,30}$/u

/** A symbol of a request, in the exchange's spelling. */
export function parseSymbol(value: unknown): string | InvalidInput {
  if (typeof value !== 'string' || value.trim() === '') return { error: 'symbol is required' }
  const symbol = value.trim().toUpperCase()
  if (SYMBOL.test(symbol)) return symbol
  return { error: 'symbol is invalid: expected 2 to 30 characters without #, / and white space' }
}

/** A list of symbols of a request, without duplicates. */
export function parseSymbols(value: unknown, maxCount: number): readonly string[] | InvalidInput {
  if (!Array.isArray(value) || value.length === 0) return { error: 'symbols is required' }
  if (value.length > maxCount) return { error: `symbols must be 1 to ${maxCount}` }
  const symbols = value.map(parseSymbol)
  return symbols.find(isInvalid) ?? [...new Set(symbols as string[])]
}

export function isInvalid(value: unknown): value is InvalidInput {
  return typeof value === 'object' && value !== null && 'error' in value
}

/** The symbols that the exchange lists, and those that are analysed, the most traded first. */
export interface Universe {
  readonly active: readonly string[]
  has(symbol: string): boolean
}

/** The stored universe; `undefined` before the first one is published. */
export async function loadUniverse(context: ViewContext): Promise<Universe | undefined> {
  const stored = await context.setOf('symbol-universe')
  if (!stored) return undefined
  const { head, entries } = stored.set
  const { symbols } = head as { readonly symbols: readonly string[] }
  return { active: symbols, has: (symbol) => entries.has(symbol) }
}

/** Whether the exchange lists a symbol; `true` for every symbol before the first universe is published. */
export function isListed(symbol: string, universe: Universe | undefined): boolean {
  return universe === undefined || universe.has(symbol)
}
