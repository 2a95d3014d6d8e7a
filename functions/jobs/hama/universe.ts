import type { ViewContext } from '#shared/read/view.ts'

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
