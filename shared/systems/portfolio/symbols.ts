import { newYorkDate } from '#shared/analysis/portfolio/sessions.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { OperatorData } from '#shared/domain/records/operator-record.ts'
import { activeSymbols, type Portfolio, portfolioOf } from './positions.ts'

/** The part of a job's context that determines its symbols. */
interface SymbolsContext {
  readonly job: { readonly settings: Readonly<Record<string, unknown>> }
  readonly operatorData: ReadonlyMap<string, OperatorData>
  /** `symbols` has those that were submitted; without a list, all are requested. */
  readonly params: Readonly<Record<string, unknown>>
  /** The one symbol of a run for a reader. */
  readonly key?: string
}

interface AbsenceContext extends SymbolsContext {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** When the provider said that it has no such symbol, by symbol. */
  readonly absentItems: ReadonlyMap<string, number>
}

interface MemoryContext {
  readonly storedItems: ReadonlyMap<string, { readonly memory?: JsonValue | undefined }>
}

/** Why a run of the jobs of the portfolio has nothing to do, in the documented words. */
export const NO_ACTIVE_POSITIONS = 'No active positions to refresh'

/** The submitted symbols that are active, or all active ones. */
export function requestedSymbols(context: SymbolsContext): readonly string[] {
  const { symbols } = context.params
  const active = activeSymbols(currentPortfolio(context))
  return Array.isArray(symbols) ? active.filter((symbol) => symbols.includes(symbol)) : active
}

/** The symbols of a plan: the one of a reader, which need not be active, or the requested ones. */
export function plannedSymbols(context: SymbolsContext): readonly string[] {
  return context.key === undefined ? requestedSymbols(context) : [context.key]
}

/**
 * Whether the provider said today, by its day in New York, that it has no such symbol, and the positions were not put
 * since.
 */
export function wasNotFoundToday(symbol: string, context: AbsenceContext): boolean {
  const absentAt = context.absentItems.get(symbol)
  if (absentAt === undefined || absentAt < (currentPortfolio(context).changedAt ?? 0)) return false
  return newYorkDate(absentAt) === newYorkDate(context.now)
}

/** @throws {RefreshError} `not-found` for a symbol that is not requested: a reader may ask for any */
export function expectRequested(symbol: string, context: SymbolsContext): void {
  if (requestedSymbols(context).includes(symbol)) return
  throw new RefreshError('not-found', `${symbol} is no symbol of the portfolio`, { isExplicit: true })
}

/** What a job keeps of a symbol; only the job itself writes it. */
export function memoryOf<M>(symbol: string, { storedItems }: MemoryContext): M | undefined {
  return storedItems.get(symbol)?.memory as M | undefined
}

function currentPortfolio({ operatorData, job }: SymbolsContext): Portfolio {
  return portfolioOf(operatorData, job.settings['PORTFOLIO_SYMBOLS'] as readonly string[])
}
