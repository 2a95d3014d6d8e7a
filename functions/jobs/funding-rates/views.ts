import { defined } from '#shared/domain/defined.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { pausedUntil } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import {
  type ComposedValue,
  notAvailable,
  type ServableSet,
  type View,
  type ViewResult,
} from '#shared/read/view.ts'
import { parseFlag } from './flags.ts'
import type { RateRecord } from './rates/rate-record.ts'
import type { RatesHead } from './stored-rates.ts'
import { taskStatus } from './task-status.ts'

const MAX_ROWS = 20_000
const UNHEALTHY_FAILURES = 5

type Members = Readonly<Record<string, JsonValue>>

/** The members of a response, and the contracts that it is made from; without them, from the set as a whole. */
interface SnapshotContent {
  readonly members: Members
  readonly symbols?: Iterable<string>
}

/** Builds the content of a response from the stored set when it is composed; `undefined` when no contract matches. */
type ContentBuilder = (
  stored: ServableSet,
  head: RatesHead,
  request: Parameters<View>[0],
) => (() => SnapshotContent) | undefined

/** A view of the stored set, in the documented envelope, with the times of the contracts that it serves. */
function snapshotView(build: ContentBuilder): View {
  return async (request, context) => {
    const stored = await context.set()
    if (!stored) return notAvailable(context.job)
    const content = build(stored, stored.set.head as RatesHead, request)
    if (!content) return notFound('Interval not found')
    const compose = (): ComposedValue => {
      const { members, symbols } = content()
      const times = symbols ? stored.timesOf(symbols) : stored.times
      return { body: envelopeOf('status').wrap(members, times), times }
    }
    const { parameters, query } = request
    return { kind: 'value', from: stored, variant: JSON.stringify([parameters, query]), compose }
  }
}

const latestRates = snapshotView((stored, { pool, intervals }, { query }) => () => {
  const only = parseFlag(query['fast_mode']) ? new Set(pool.contracts.map(({ symbol }) => symbol)) : undefined
  const contracts = [...stored.set.entries].filter(([symbol]) => only?.has(symbol) ?? true)
  const members = {
    contracts: Object.fromEntries(contracts.map(([symbol, { data }]) => [symbol, data])),
    count: contracts.length,
    venue: pool.venue,
    intervals: Object.keys(intervals),
  }
  return { members, ...defined({ symbols: only }) }
})

const pool = snapshotView((stored, head) => () => {
  // a contract leaves the pool when its rate is too old to be served
  const contracts = head.pool.contracts.filter(({ symbol }) => stored.set.entries.has(symbol))
  return {
    members: { contracts, count: contracts.length, pool_changes: head.pool.pool_changes },
    symbols: contracts.map(({ symbol }) => symbol),
  }
})

const contractsByInterval = snapshotView((stored, _head, { parameters }) => {
  const interval = parameters['interval'] ?? ''
  if (!/^(?:[1-9]|1[0-9]|2[0-4])h$/.test(interval)) return undefined
  const contracts = [...stored.set.entries.values()]
    .map(({ data }) => data as RateRecord)
    .filter(({ funding_interval }) => funding_interval === interval)
  if (contracts.length === 0) return undefined
  return () => ({
    members: { interval, contracts, count: contracts.length },
    symbols: contracts.map(({ symbol }) => symbol),
  })
})

const cacheStatus = snapshotView((stored, { intervals }) => () => ({
  members: {
    cache_time: isoSeconds(stored.times.fetchedAt),
    intervals: Object.keys(intervals),
    total_contracts: stored.set.entries.size,
    contracts_by_interval: { ...intervals },
  },
}))

const history: View = async ({ parameters, query, now }, context) => {
  const symbol = parameters['symbol'] ?? ''
  const days = Number(query['days'] ?? '7')
  const range = { from: now - days * DAY_MS, to: now, limit: MAX_ROWS }
  const rows = await context.history('rates', symbol, range)
  if (rows.length === 0 && !(await isListed(symbol, context))) return notFound('Symbol not found')
  return rowsResponse({ symbol, days, history: rows.map(({ data }) => data) }, now)
}

const sessions: View = async ({ parameters, now }, context) => {
  const symbol = parameters['symbol'] ?? ''
  const rows = await context.history('sessions', symbol, { from: 0, to: now, limit: MAX_ROWS })
  if (rows.length === 0 && !(await isListed(symbol, context))) return notFound('Symbol not found')
  return rowsResponse({ symbol, sessions: rows.map(({ data }) => data) }, now)
}

async function isListed(symbol: string, context: Parameters<View>[1]): Promise<boolean> {
  const stored = await context.set()
  return stored?.set.entries.has(symbol) ?? false
}

function rowsResponse(members: Members, now: number): ViewResult {
  const list = Object.values(members).find(Array.isArray)
  const body = { status: 'success', ...members, count: list?.length ?? 0, timestamp: isoSeconds(now) }
  return { kind: 'now', status: 200, body }
}

/** The health of both jobs, from their stored outcomes. The status code is always 200: monitoring uses alarms. */
const health: View = async ({ now }, context) => {
  const [rates, contracts, stored] = await Promise.all([
    context.state(),
    context.stateOf('funding-contracts'),
    context.set(),
  ])
  const head = stored?.set.head as RatesHead | undefined
  const isHealthy = [rates, contracts].every((state) => state.consecutiveFailures < UNHEALTHY_FAILURES)
  return {
    kind: 'now',
    status: 200,
    body: {
      status: isHealthy ? 'healthy' : 'unhealthy',
      tasks: { contract_refresh: outcomes(contracts), funding_rate_check: outcomes(rates) },
      pool: {
        pool_size: head?.pool.contracts.length ?? 0,
        candidate_size: stored?.set.entries.size ?? 0,
        last_update: head?.pool.updated_at ?? null,
        cache_valid: stored !== undefined && freshness(stored.times, now) === 'fresh',
        auto_update: context.job.off === undefined && (pausedUntil(context.job, rates.control) ?? 0) <= now,
      },
      timestamp: isoSeconds(now),
    },
  }
}

function outcomes({ statistics, lastSuccessAt, consecutiveFailures }: JobState) {
  const { runs = 0, failed = 0 } = statistics?.total ?? {}
  return {
    last_success: lastSuccessAt === undefined ? null : isoSeconds(lastSuccessAt),
    last_failure: statistics?.lastFailure ? isoSeconds(statistics.lastFailure.at) : null,
    success_count: runs - failed,
    failure_count: failed,
    consecutive_failures: consecutiveFailures,
    last_error: statistics?.lastFailure?.reason ?? null,
  }
}

const taskStats: View = async ({ now }, context) => {
  const state = await context.state()
  const { runs = 0, failed = 0, durationMs = 0 } = state.statistics?.total ?? {}
  return {
    kind: 'now',
    status: 200,
    body: {
      status: 'success',
      tasks: {
        total: runs,
        succeeded: runs - failed,
        failed,
        consecutive_failures: state.consecutiveFailures,
        average_duration: runs === 0 ? null : Math.round(durationMs / runs) / 1_000,
        under_way: state.lease !== undefined && state.lease.until > now,
      },
      timestamp: isoSeconds(now),
    },
  }
}

function notFound(message: string): ViewResult {
  return { kind: 'failure', status: 404, message }
}

/** The documented responses, by the view name of the route. */
export const views = {
  taskStatus,
  latestRates,
  pool,
  contractsByInterval,
  cacheStatus,
  history,
  sessions,
  health,
  taskStats,
} satisfies Readonly<Record<string, View>>
