import type { StoredSet } from '#shared/domain/records/snapshot.ts'
import type { Refresh, SetWarning } from '#shared/engine/model/refresh.ts'
import { venueOf } from '#shared/systems/funding/venues.ts'
import type { FundingSettings } from './job.ts'
import { nextPool, type PoolUpdate } from './rates/pool.ts'
import type { PoolRules } from './rates/pool-session.ts'
import type { VenueQuotes } from './rates/rate-quotes.ts'
import { intervalCounts, type RateRecord } from './rates/rate-record.ts'
import { headOf, type RatesHead } from './stored-rates.ts'

type SetSummaryInput = Parameters<NonNullable<Refresh<VenueQuotes>['summarizeSet']>>[0]

/** The pool and the counts of a set, its history, and what operators read of it. */
export function summarizeRates({ upstream, entries, values, previous, job, now }: SetSummaryInput) {
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

/** The number of rates of all answers that are not believed. */
export function rejectedCount(values: readonly Pick<VenueQuotes, 'rejected'>[]): number {
  return values.reduce((sum, { rejected }) => sum + rejected, 0)
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
