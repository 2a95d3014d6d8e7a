import type { StoredSet } from '#shared/domain/records/snapshot.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { ParseContext, PlanContext, Refresh, SetWarning } from '#shared/engine/model/refresh.ts'
import { type Contract, selectContracts } from '#shared/systems/funding/contracts.ts'
import { VENUE_UPSTREAMS, type Venue, venueOf } from '#shared/systems/funding/venues.ts'
import type { FundingSettings } from './job.ts'
import { NO_CHANGES, nextPool, type Pool, type PoolUpdate } from './pool.ts'
import type { PoolRules } from './pool-session.ts'
import { checkRateSet, type QuoteContext, type VenueQuotes } from './rate-quotes.ts'
import { intervalCounts, type RateRecord, toRateRecord } from './rate-record.ts'
import { rateSources } from './rate-sources.ts'
import { resultPages, type TaskResult } from './result-pages.ts'
import { storedVolumes } from './volumes.ts'

/** The quotes of one venue for the requested contracts. */
export interface VenueRates extends VenueQuotes {
  readonly venue: Venue
  readonly contracts: readonly Contract[]
}

/** The head of the stored set. */
export type RatesHead = {
  readonly pool: Pool
  readonly intervals: Readonly<Record<string, number>>
  readonly rejected: number
}

const CONTRACTS = 'funding-contracts'

/**
 * All rates of a refresh come from one venue; the next venue is a fallback. The fast mode refreshes only the contracts of
 * the pool, from the stored venue.
 */
export const refresh: Refresh<VenueRates, 'rates' | 'sessions'> = {
  historyKinds: ['rates', 'sessions'],
  renderVersion: 2,

  plan: (context) => {
    const { params, stored, job } = context
    if (params['cache_only'] === true) return 'stored'
    const { EXCHANGES } = job.settings as FundingSettings
    const isFast = params['fast_mode'] === true
    // an empty pool has nothing to refresh
    if (isFast && (!stored || poolSymbols(stored).length === 0)) return 'stored'
    const venues = isFast && stored ? [venueOf(stored.upstream)] : EXCHANGES
    const [first, ...others] = venues
      .filter((venue) => contractsOf(venue, context).length > 0)
      .map((venue) => ({ upstream: VENUE_UPSTREAMS[venue], calls: rateSources[venue].calls }))
    return first ? [{ key: 'rates', ...first, fallbacks: others }] : []
  },

  nextCalls: (bodies, context) => {
    const { calls, moreCalls } = rateSources[venueOf(context.upstream)]
    return bodies.length === calls.length && moreCalls ? moreCalls(bodies, quoteContext(context)) : []
  },

  parse: (bodies, context) => {
    const venue = venueOf(context.upstream)
    const quotes = quoteContext(context)
    return { venue, contracts: quotes.requested, ...rateSources[venue].parse(bodies, quotes) }
  },

  accept: ({ venue, quotes, requestedCount }, { stored, params }) => {
    const before = stored && params['fast_mode'] !== true ? storedRateSet(stored) : undefined
    const set = { venue, count: quotes.length, requestedCount, newestAt: newestTime(quotes) }
    return checkRateSet(set, before)
  },

  review: ({ lost, distrusted }) => ({ lost, distrusted }),

  members: ({ venue, quotes, missing }, { params, stored }) => {
    const pool = params['fast_mode'] === true ? poolSymbols(stored) : undefined
    const bodies = quotes
      .filter(({ symbol }) => pool === undefined || pool.includes(symbol))
      .map((quote) => ({
        key: quote.symbol,
        data: toRateRecord(venue, quote),
        asOf: quote.at,
        degraded: quote.isDegraded,
      }))
    return { bodies, missing: missing.map(({ symbol, message }) => ({ key: symbol, message })) }
  },

  isPartialUpdate: (params) => params['fast_mode'] === true,

  summarizeSet: summarizeRates,

  result: taskResult,

  maxCalls: ({ upstreams }) =>
    Object.fromEntries(upstreams.map((name) => [name, { retried: 2, once: ONCE[venueOf(name)] }])),

  summarizeRun: ({ status, durationMs, setLogFields: figures }) => {
    if (status !== 'succeeded' || figures === undefined) return undefined
    const { contracts, pool_size: poolSize, venue } = figures
    const seconds = (durationMs / 1_000).toFixed(2)
    return {
      message: `Funding rates refreshed: ${contracts} contracts, ${poolSize} in pool, venue=${venue} in ${seconds}s`,
    }
  },
}

/** Number of optional calls to each venue. */
const ONCE: Readonly<Record<Venue, number>> = { binance: 1, bybit: 0, okx: 200 }

type SetSummaryInput = Parameters<NonNullable<Refresh<VenueRates>['summarizeSet']>>[0]
type ResultInput = Parameters<NonNullable<Refresh<VenueRates>['result']>>[0]

function summarizeRates({ upstream, entries, values, previous, job, now }: SetSummaryInput) {
  const venue = venueOf(upstream)
  const records = [...entries.values()].map(({ data }) => data as RateRecord)
  const update = nextPool(headOf(previous)?.pool, records, {
    venue,
    now,
    ...poolRules(job.settings as FundingSettings),
  })
  const { pool, changes } = update
  const rejected = rejectedCount(values)
  const head: RatesHead = { pool, intervals: intervalCounts(records), rejected }
  return {
    head,
    history: historyRows(update, now),
    warnings: warningsOf(update, previous),
    logFields: {
      contracts: entries.size,
      rejected,
      pool_size: pool.contracts.length,
      pool_added: changes.total_added,
      pool_removed: changes.total_removed,
      venue,
    },
  }
}

function poolRules(settings: FundingSettings): PoolRules {
  return {
    threshold: settings.FUNDING_RATE_THRESHOLD,
    basis: settings.FUNDING_THRESHOLD_BASIS,
    minVolume: settings.MIN_VOLUME,
    maxSize: settings.MAX_POOL_SIZE,
  }
}

/** The pages of a task's result: the pool's contracts after a fast refresh, all contracts after any other. */
function taskResult({ entries, head, values, params, startedAt, isPartial: hasMissing, now }: ResultInput) {
  const mode = modeOf(params)
  const { pool } = head as RatesHead
  const fetchedSymbols = new Set(values.flatMap(({ quotes }) => quotes.map(({ symbol }) => symbol)))
  const poolMembers =
    fetchedSymbols.size > 0 ? fetchedSymbols : new Set(pool.contracts.map(({ symbol }) => symbol))
  const records = [...entries]
    .filter(([symbol]) => params['fast_mode'] !== true || poolMembers.has(symbol))
    .map(([, { data }]) => data as RateRecord)
  return resultPages({
    records,
    fetchedSymbols,
    mode,
    isPartial: hasMissing,
    rejected: rejectedCount(values),
    executionSeconds: Math.round((now - startedAt) / 100) / 10,
    poolChanges: mode === 'cache_only' ? NO_CHANGES : pool.pool_changes,
    timestamp: isoSeconds(now),
  })
}

function modeOf(params: ResultInput['params']): TaskResult['mode'] {
  if (params['cache_only'] === true) return 'cache_only'
  return params['fast_mode'] === true ? 'fast' : 'full'
}

function rejectedCount(values: readonly VenueRates[]): number {
  return values.reduce((sum, { rejected }) => sum + rejected, 0)
}

/** The selected contracts of a venue, from the set that the job `funding-contracts` stores. */
function contractsOf(
  venue: Venue,
  { inputs, job }: Pick<PlanContext, 'inputs' | 'job'>,
): readonly Contract[] {
  const data = inputs.get(CONTRACTS)?.entries.get(venue)?.data as
    | { readonly contracts: readonly Contract[] }
    | undefined
  return selectContracts(data?.contracts ?? [], (job.settings as FundingSettings).FUNDING_QUOTES)
}

function quoteContext(context: Omit<ParseContext, 'previous'>): QuoteContext {
  const { now, stored, upstream } = context
  const storedRates = recordsOf(stored, venueOf(upstream))
  return { requested: requestedContracts(context), storedVolumes: storedVolumes(storedRates, now), now }
}

function requestedContracts(context: Omit<ParseContext, 'previous'>): readonly Contract[] {
  const contracts = contractsOf(venueOf(context.upstream), context)
  if (context.params['fast_mode'] !== true) return contracts
  const pool = poolSymbols(context.stored)
  return contracts.filter(({ symbol }) => pool.includes(symbol))
}

function headOf(stored: StoredSet | undefined): RatesHead | undefined {
  return (stored?.head ?? undefined) as RatesHead | undefined
}

function poolSymbols(stored: StoredSet | undefined): readonly string[] {
  return headOf(stored)?.pool.contracts.map(({ symbol }) => symbol) ?? []
}

/** The stored records of one venue. */
function recordsOf(stored: StoredSet | undefined, venue: Venue): readonly RateRecord[] {
  if (!stored || venueOf(stored.upstream) !== venue) return []
  return [...stored.entries.values()].map(({ data }) => data as RateRecord)
}

function storedRateSet({ upstream, entries }: StoredSet) {
  const newestAt = newestTime([...entries.values()].map(({ asOf: at }) => ({ at })))
  return { venue: venueOf(upstream), count: entries.size, newestAt }
}

function newestTime(rates: readonly { readonly at: number }[]): number {
  return rates.reduce((newest, { at }) => Math.max(newest, at), 0)
}

function historyRows({ history, sessions }: PoolUpdate, now: number) {
  return [
    ...history.map((row) => ({
      kind: 'rates' as const,
      entity: row.symbol,
      at: Date.parse(row.time),
      data: row,
    })),
    ...sessions.map((session) => ({
      kind: 'sessions' as const,
      entity: session.symbol,
      at: now,
      data: session,
    })),
  ]
}

/** Warnings of a change of venue, and of each contract that entered the pool, except after a change of venue. */
function warningsOf(
  { pool, changes, isRestart }: PoolUpdate,
  previous: StoredSet | undefined,
): readonly SetWarning[] {
  const before = headOf(previous)?.pool.venue
  const venueChange =
    before !== undefined && before !== pool.venue
      ? [
          {
            message: `Funding rates come from ${pool.venue} instead of ${before}`,
            logFields: { venue: pool.venue, previous_venue: before },
          },
        ]
      : []
  const entered = pool.contracts.filter(({ symbol }) => !isRestart && changes.added.includes(symbol))
  return [
    ...venueChange,
    ...entered.map(({ symbol, funding_rate: rate, direction }) => {
      const percent = (Number(rate) * 100).toFixed(4)
      return {
        message: `${symbol} pays ${percent} % a settlement (${direction})`,
        logFields: { symbol, rate_percent: Number(percent), direction: direction ?? 'none' },
      }
    }),
  ]
}
