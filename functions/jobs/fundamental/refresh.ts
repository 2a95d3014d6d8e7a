import { fundamentalRecord } from '#shared/analysis/portfolio/fundamental-record.ts'
import { newYorkDate } from '#shared/analysis/portfolio/sessions.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { asJson } from '#shared/domain/json.ts'
import type { PlanContext, Refresh, UpstreamRequest } from '#shared/engine/model/refresh.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { callsPerSymbol } from '#shared/systems/portfolio/fundamental-queue.ts'
import { providerSymbol } from '#shared/systems/portfolio/provider-symbols.ts'
import {
  expectRequested,
  memoryOf,
  NO_ACTIVE_POSITIONS,
  plannedSymbols,
  requestedSymbols,
  wasNotFoundToday,
} from '#shared/systems/portfolio/symbols.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import { fundamentalCalls, parseFundamentals } from './answers.ts'
import { fundamentalsOfToday } from './daily-queue.ts'
import { type FundamentalMemory, memoryAfter } from './memory.ts'

/** The fundamentals of one symbol. */
interface SymbolFundamentals {
  readonly memory: FundamentalMemory
  readonly lost: readonly LostRow[]
  /** Whether this run called the provider. */
  readonly isFetched: boolean
}

/** A symbol that never had fundamentals is requested again after this number of days. */
const NO_FUNDAMENTALS_DAYS = 7

export const refresh: Refresh<SymbolFundamentals, 'daily'> = {
  renderVersion: 1,
  historyKinds: ['daily'],
  // a company that suddenly has no fundamentals is believed when a second run confirms it
  comparesRejected: true,

  keys: plannedSymbols,

  plan: (context) => {
    const symbols = plannedSymbols(context)
    if (symbols.length === 0) return { nothingToDo: NO_ACTIVE_POSITIONS }
    return requestsOf(
      symbols.filter((symbol) => !isAbsent(symbol, context)),
      context,
    )
  },

  parse: (bodies, context) => {
    const { key, now } = context
    expectRequested(key, context)
    const before = memoryOf<FundamentalMemory>(key, context)
    if (bodies.length === 0) {
      if (!before) throw new RefreshError('rejected', `expected fundamentals of ${key}, got none`)
      return { memory: before, lost: [], isFetched: false }
    }
    const answer = parseFundamentals(bodies, { symbol: spellingOf(key, context), now })
    if (answer.kind === 'no-fundamentals' && answer.cause === 'empty' && !hasBars(key, context))
      throw new RefreshError('not-found', `Alpha Vantage has neither bars nor fundamentals of ${key}`, {
        isExplicit: true,
      })
    const lost = answer.kind === 'company' ? answer.lost : []
    return { memory: memoryAfter(answer, before, now), lost, isFetched: true }
  },

  accept: ({ memory }, { rejected, ...context }) => {
    const before = memoryOf<FundamentalMemory>(context.key, context)
    const isLoss = memory.company === null && before !== undefined && before.company !== null
    if (!isLoss || rejected?.value.memory.company === null) return { accepted: true }
    return { accepted: false, message: `expected fundamentals of ${context.key} as before, got none` }
  },

  review: ({ lost }, { key }) => ({
    lost: lost.map(({ name, message }) => ({ name: `${key} ${name ?? 'a member'}`, message })),
    distrusted: [],
  }),

  item: ({ memory, isFetched }, { key }) => {
    const data = servedRecord(key, memory)
    return {
      data,
      asOf: memory.fetchedAt,
      degraded: memory.degradedReasons.length > 0,
      memory: asJson({ ...memory }),
      history: isFetched ? [{ kind: 'daily', entity: key, at: Date.parse(data.date), data }] : [],
    }
  },

  isPartialUpdate: ({ symbols }) => Array.isArray(symbols),

  totals: ({ memory }) => ({ skipped: memory.company === null ? 1 : 0 }),

  summarizeRun: runSummary('refresh_fundamental'),

  // each symbol is requested once a day
  maxCalls: ({ settings, upstream = '' }) => {
    const symbols = (settings['PORTFOLIO_SYMBOLS'] as readonly string[]).length
    const perDay = symbols * callsPerSymbol(settings)
    return { [upstream]: { retried: symbols, once: perDay - symbols, perDay } }
  },
}

/**
 * The requests: with calls for what is due and within the budget, in the order of the queue; then, without calls, what
 * need not be requested; then what is postponed. If all is postponed, there is nothing to do.
 */
function requestsOf(symbols: readonly string[], context: PlanContext) {
  const due = symbols.filter((symbol) => isDue(symbol, context))
  const isSingle = context.key !== undefined
  const inBudget = isSingle ? due : fundamentalsOfToday(symbols, due, context)
  const isPostponed = (symbol: string) => due.includes(symbol) && !inBudget.includes(symbol)
  const postponed = 'the calls of the day are used up by older data'
  if (symbols.length > 0 && symbols.every(isPostponed)) return { nothingToDo: postponed }
  const withSheet = callsPerSymbol(context.job.settings) > 1
  return [
    ...inBudget.map(
      (symbol): UpstreamRequest => ({
        key: symbol,
        calls: fundamentalCalls(spellingOf(symbol, context), withSheet),
      }),
    ),
    ...symbols
      .filter((symbol) => !due.includes(symbol))
      .map((symbol): UpstreamRequest => ({ key: symbol, calls: [] })),
    ...symbols.filter(isPostponed).map((symbol): UpstreamRequest => ({ key: symbol, calls: [], postponed })),
  ]
}

/** A symbol as the provider spells it. */
function spellingOf(symbol: string, { job }: Pick<PlanContext, 'job'>): string {
  return providerSymbol('alpha-vantage', symbol, job.settings)
}

/** Whether the provider said today that it has no such symbol, and no bars show since then that it has one. */
function isAbsent(symbol: string, context: PlanContext): boolean {
  return wasNotFoundToday(symbol, context) && !hasBars(symbol, context)
}

function hasBars(symbol: string, { inputItems }: Pick<PlanContext, 'inputItems'>): boolean {
  return inputItems.get('technical')?.has(symbol) === true
}

/**
 * Whether an active symbol has to be fetched: once a day in New York, one that never had fundamentals once in seven days.
 */
function isDue(symbol: string, context: PlanContext): boolean {
  if (!requestedSymbols(context).includes(symbol)) return false
  const memory = memoryOf<FundamentalMemory>(symbol, context)
  if (context.params['force'] === true || !memory) return true
  const today = Date.parse(newYorkDate(context.now))
  const days = (today - Date.parse(newYorkDate(memory.fetchedAt))) / DAY_MS
  const hadFigures = Object.keys(memory.units.believed).length > 0
  return days >= (memory.company || hadFigures ? 1 : NO_FUNDAMENTALS_DAYS)
}

/** What is served of a symbol, with the day in New York on which it was fetched. */
function servedRecord(symbol: string, { fetchedAt, company, notes, degradedReasons }: FundamentalMemory) {
  const record = company && fundamentalRecord(company.facts, company.figures)
  return {
    symbol,
    date: newYorkDate(fetchedAt),
    fundamental: record && { ...record.fundamental },
    reasons: { ...(record ? record.reasons : { fundamental: 'no_fundamentals' }), ...notes },
    degraded_reasons: [...degradedReasons],
  }
}
