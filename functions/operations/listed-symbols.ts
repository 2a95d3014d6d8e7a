import type { Job } from '#shared/declare/job.ts'
import { datasets } from '#shared/read/datasets.ts'
import type { OperationPorts } from './operation.ts'
import { HttpError } from './refused.ts'

/** Names in a message. */
const MAX_NAMES = 20

/** The symbols that can be asked for, and those that are refreshed. */
export interface ListedSymbols {
  readonly active: readonly string[]
  has(symbol: string): boolean
}

/** The stored set of a job that lists symbols; `undefined` where none was published yet. @throws what the table throws */
export async function loadListedSymbols(
  job: Job,
  { store, clock }: Pick<OperationPorts, 'store' | 'clock'>,
): Promise<ListedSymbols | undefined> {
  const found = await datasets(store, clock).set(job)
  if (!found) return undefined
  const { symbols } = found.set.head as { readonly symbols: readonly string[] }
  return { active: symbols, has: (symbol) => found.set.entries.has(symbol) }
}

/** @throws {HttpError} 400 with the names of those that are not listed */
export function expectListed(what: string, symbols: readonly string[], listed: ListedSymbols): void {
  const unknown = symbols.filter((symbol) => !listed.has(symbol))
  if (unknown.length === 0) return
  const names = unknown.slice(0, MAX_NAMES).join(', ')
  throw new HttpError({ status: 400, message: `unknown ${what}: ${names}` })
}
