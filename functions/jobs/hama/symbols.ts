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
