import { quoteUnit } from '#shared/analysis/portfolio/quote-units.ts'
import { isRecentBar, newYorkDate } from '#shared/analysis/portfolio/sessions.ts'
import { suspectedSplit } from '#shared/analysis/portfolio/splits.ts'
import {
  rounded,
  type TechnicalRecord,
  technicalRecord,
} from '#shared/analysis/portfolio/technical-record.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { asJson } from '#shared/domain/json.ts'
import { instantOf } from '#shared/domain/time.ts'
import type { PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { doBarsWait } from '#shared/systems/portfolio/fundamental-queue.ts'
import { configuredUnit, providerSymbol } from '#shared/systems/portfolio/provider-symbols.ts'
import {
  expectRequested,
  memoryOf,
  NO_ACTIVE_POSITIONS,
  plannedSymbols,
  requestedSymbols,
  wasNotFoundToday,
} from '#shared/systems/portfolio/symbols.ts'
import { afterAnswer, type BarsMemory, type MemoryUpdate, NO_MEMORY } from './bars-memory.ts'
import { dailyProviders, lastFinishedDate, type Question } from './daily-answers.ts'

/** The analysis of one symbol. */
interface SymbolAnalysis extends MemoryUpdate {
  readonly record: TechnicalRecord
  /** Whether this run called the provider. */
  readonly isFetched: boolean
}

const NEW_YORK = 'America/New_York'
const CLOSES_AT_MS = 16 * HOUR_MS

const FUNDAMENTALS_PROVIDER = 'alpha-vantage'

/** A session that is not delivered is asked for a second time, and no more on that day. */
const MAX_TRIES = 2
const RETRY_AFTER_MS = 3 * HOUR_MS

export const refresh: Refresh<SymbolAnalysis, 'daily'> = {
  renderVersion: 2,
  historyKinds: ['daily'],

  keys: plannedSymbols,

  plan: (context) => {
    const symbols = plannedSymbols(context)
    if (symbols.length === 0) return { nothingToDo: NO_ACTIVE_POSITIONS }
    return symbols
      .filter((symbol) => !wasNotFoundToday(symbol, context))
      .toSorted((a, b) => fetchedAt(a, context) - fetchedAt(b, context))
      .map((symbol) => ({
        key: symbol,
        calls: isDue(symbol, context) ? [providerOf(context).call(questionOf(symbol, context).symbol)] : [],
      }))
  },

  parse: ([body], context) => {
    const { key, now } = context
    expectRequested(key, context)
    const before = barsOf(key, context)
    const question = questionOf(key, context)
    const { memory, lost, distrusted } = body
      ? afterAnswer(before, providerOf(context).parse(body, question), question)
      : { memory: before, lost: [], distrusted: [] }
    if (memory.bars.length === 0) throw new RefreshError('rejected', `expected bars of ${key}, got none`)
    const record = technicalRecord(key, memory.bars)
    const isFetched = body !== undefined && memory.fetchedAt === now
    return { memory, record, lost, distrusted, isFetched }
  },

  accept: ({ record }) => expectNoFault(record.date === null ? 'expected a newest bar, got none' : undefined),

  review: ({ lost, distrusted }, { key }) => ({
    lost: lost.map(({ name, message }) => ({ name: `${key} ${name ?? 'a bar'}`, message })),
    distrusted,
  }),

  item: ({ memory, record, isFetched }, context) => {
    const { key } = context
    const data = servedRecord(memory, record, questionOf(key, context))
    const { date, degraded_reasons: reasons } = data
    const at = Date.parse(date)
    return {
      data,
      asOf: instantOf(NEW_YORK, at + CLOSES_AT_MS),
      degraded: reasons.length > 0,
      memory: asJson({ ...memory }),
      history: isFetched ? [{ kind: 'daily', entity: key, at, data }] : [],
    }
  },

  isPartialUpdate: ({ symbols }) => Array.isArray(symbols),

  summarizeRun: runSummary('refresh_technical'),

  // one call a symbol and session
  maxCalls: ({ settings, upstream = '' }) => {
    const symbols = (settings['PORTFOLIO_SYMBOLS'] as readonly string[]).length
    return { [upstream]: { retried: symbols, once: 0, perDay: symbols } }
  },
}

/** What is served: the record, its unit, and why it is degraded. */
function servedRecord(
  { quoteCurrency, restatedOn, rescaledOn, bars }: BarsMemory,
  record: TechnicalRecord,
  question: Question,
) {
  const split = suspectedSplit(bars)
  const date = record.date ?? ''
  const reasons = [
    ...(isRecentBar(date, lastFinishedDate(question)) ? [] : ['no_recent_bar']),
    ...(split ? ['suspected_split'] : []),
    ...(restatedOn === record.date ? ['bars_restated'] : []),
    ...(Object.values(record.reasons).includes('no volume') ? ['no_volume'] : []),
  ]
  return {
    ...rounded(record),
    date,
    reasons: { ...record.reasons },
    quote_currency: quoteCurrency,
    quote_factor: quoteCurrency === null ? null : (quoteUnit(quoteCurrency)?.factor ?? null),
    split_date: split?.date ?? null,
    restated_on: restatedOn,
    rescaled_on: rescaledOn,
    degraded_reasons: reasons,
  }
}

function providerOf({ job }: Pick<PlanContext, 'job'>) {
  const provider = dailyProviders[job.upstream ?? '']
  if (provider) return provider
  throw new RefreshError('defect', `expected a provider of daily bars, got ${job.upstream}`)
}

/** What is requested for a symbol, in the spelling of the provider. */
function questionOf(symbol: string, { job, now }: Pick<PlanContext, 'job' | 'now'>): Question {
  const spelling = providerSymbol(job.upstream ?? '', symbol, job.settings)
  return { symbol: spelling, configuredUnit: configuredUnit(symbol, spelling, job.settings), now }
}

function barsOf(symbol: string, context: Pick<PlanContext, 'storedItems'>): BarsMemory {
  return { ...NO_MEMORY, ...memoryOf<Partial<BarsMemory>>(symbol, context) }
}

/** Symbols that were never fetched come first. */
function fetchedAt(symbol: string, context: PlanContext): number {
  return barsOf(symbol, context).fetchedAt ?? 0
}

/**
 * Whether the bar of the newest finished session is missing and is requested now. A symbol that is not active is never
 * requested. If the same provider has the fundamentals, a missing bar waits on a new day until their run has ended, unless
 * the symbol has no bars at all.
 */
function isDue(symbol: string, context: PlanContext): boolean {
  const { params, now, job } = context
  if (!requestedSymbols(context).includes(symbol)) return false
  if (params['force'] === true) return true
  const { bars, tries } = barsOf(symbol, context)
  if ((bars.at(-1)?.date ?? '') >= lastFinishedDate(questionOf(symbol, context))) return false
  if (tries.date !== newYorkDate(now))
    return bars.length === 0 || job.upstream !== FUNDAMENTALS_PROVIDER || !doBarsWait(now)
  return tries.count < MAX_TRIES && now - tries.at >= RETRY_AFTER_MS
}
