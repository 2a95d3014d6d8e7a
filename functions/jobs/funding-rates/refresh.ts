import { isoSeconds } from '#shared/domain/time.ts'
import type { ParseContext, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { type Contract, selectContracts } from '#shared/systems/funding/contracts.ts'
import { VENUE_UPSTREAMS, type Venue, venueOf } from '#shared/systems/funding/venues.ts'
import type { FundingSettings } from './job.ts'
import { NO_CHANGES } from './rates/pool.ts'
import { checkRateSet, type QuoteContext, type VenueQuotes } from './rates/rate-quotes.ts'
import { type RateRecord, toRateRecord } from './rates/rate-record.ts'
import { rateSources } from './rates/rate-sources.ts'
import { storedVolumes } from './rates/volumes.ts'
import { resultPages, type TaskResult } from './result-pages.ts'
import { rejectedCount, summarizeRates } from './set-summary.ts'
import { newestTime, poolSymbols, type RatesHead, recordsOf, storedRateSet } from './stored-rates.ts'

/** The quotes of one venue for the requested contracts. */
export interface VenueRates extends VenueQuotes {
  readonly venue: Venue
  readonly contracts: readonly Contract[]
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

type ResultInput = Parameters<NonNullable<Refresh<VenueRates>['result']>>[0]

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
