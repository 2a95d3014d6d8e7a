import { DAY_MS } from '#shared/domain/duration.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { pausedUntil } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { notAvailable, type ServableSet, type View, type ViewResult } from '#shared/read/view.ts'
import { parseFlag } from './flags.ts'
import type { FundingSettings } from './job.ts'
import type { RateRecord } from './rate-record.ts'
import type { RatesHead } from './refresh.ts'
import { taskStatus } from './task-status.ts'

const MAX_ROWS = 20_000
const UNHEALTHY_FAILURES = 5

type Members = Readonly<Record<string, JsonValue>>

/** An answer made from the stored set, in the documented envelope. */
const snapshotView =
  (make: (found: ServableSet, head: RatesHead, request: Parameters<View>[0]) => Members | ViewResult): View =>
  async (request, look) => {
    const found = await look.set()
    if (!found) return notAvailable(look.job)
    const made = make(found, found.set.head as RatesHead, request)
    if (isResponse(made)) return made
    return { answer: 'value', body: envelopeOf('status').wrap(made, found.times), from: found }
  }

function isResponse(made: Members | ViewResult): made is ViewResult {
  return typeof made['answer' as keyof typeof made] === 'string'
}

const latestRates = snapshotView((found, { pool, intervals }, { query }) => {
  const only = parseFlag(query['fast_mode']) ? new Set(pool.contracts.map(({ symbol }) => symbol)) : undefined
  const contracts = [...found.set.entries].filter(([symbol]) => only?.has(symbol) ?? true)
  return {
    contracts: Object.fromEntries(contracts.map(([symbol, { data }]) => [symbol, data])),
    count: contracts.length,
    venue: pool.venue,
    intervals: Object.keys(intervals),
  }
})

const pool = snapshotView((_found, head) => ({
  contracts: head.pool.contracts,
  count: head.pool.contracts.length,
  pool_changes: head.pool.pool_changes,
}))

const contractsByInterval = snapshotView((found, _head, { parameters }) => {
  const interval = parameters['interval'] ?? ''
  if (!/^(?:[1-9]|1[0-9]|2[0-4])h$/.test(interval)) return notFound('Interval not found')
  const contracts = [...found.set.entries.values()]
    .map(({ data }) => data as RateRecord)
    .filter(({ funding_interval }) => funding_interval === interval)
  if (contracts.length === 0) return notFound('Interval not found')
  return { interval, contracts, count: contracts.length }
})

const cacheStatus = snapshotView((found, { intervals }) => ({
  cache_time: isoSeconds(found.times.fetchedAt),
  intervals: Object.keys(intervals),
  total_contracts: found.set.entries.size,
  contracts_by_interval: { ...intervals },
}))

const config: View = async ({ now }, { job }) => {
  const settings = job.settings as FundingSettings
  return {
    answer: 'now',
    status: 200,
    body: {
      status: 'success',
      config: {
        exchanges: [...settings.EXCHANGES],
        quotes: [...settings.FUNDING_QUOTES],
        funding_rate_threshold: settings.FUNDING_RATE_THRESHOLD,
        funding_threshold_basis: settings.FUNDING_THRESHOLD_BASIS,
        min_volume: settings.MIN_VOLUME,
        max_pool_size: settings.MAX_POOL_SIZE,
        check_interval_seconds: settings.FUNDING_RATE_CHECK_INTERVAL / 1_000,
        cache_duration_seconds: settings.CACHE_DURATION / 1_000,
        task_deadline_seconds: settings.FUNDING_TASK_DEADLINE / 1_000,
      },
      timestamp: isoSeconds(now),
    },
  }
}

const history: View = async ({ parameters, query, now }, look) => {
  const symbol = parameters['symbol'] ?? ''
  const days = Number(query['days'] ?? '7')
  const range = { from: now - days * DAY_MS, to: now, limit: MAX_ROWS }
  const rows = await look.history('rates', symbol, range)
  if (rows.length === 0 && !(await isListed(symbol, look))) return notFound('Symbol not found')
  return rowsResponse({ symbol, days, history: rows.map(({ data }) => data) }, now)
}

const sessions: View = async ({ parameters, now }, look) => {
  const symbol = parameters['symbol'] ?? ''
  const rows = await look.history('sessions', symbol, { from: 0, to: now, limit: MAX_ROWS })
  if (rows.length === 0 && !(await isListed(symbol, look))) return notFound('Symbol not found')
  return rowsResponse({ symbol, sessions: rows.map(({ data }) => data) }, now)
}

async function isListed(symbol: string, look: Parameters<View>[1]): Promise<boolean> {
  const found = await look.set()
  return found?.set.entries.has(symbol) ?? false
}

function rowsResponse(members: Members, now: number): ViewResult {
  const list = Object.values(members).find(Array.isArray)
  const body = { status: 'success', ...members, count: list?.length ?? 0, timestamp: isoSeconds(now) }
  return { answer: 'now', status: 200, body }
}

/** From the persisted outcomes of both jobs: the body tells, monitors use alarms. */
const health: View = async ({ now }, look) => {
  const [rates, contracts, found] = await Promise.all([
    look.state(),
    look.stateOf('funding-contracts'),
    look.set(),
  ])
  const head = found?.set.head as RatesHead | undefined
  const isWell = [rates, contracts].every((state) => state.consecutiveFailures < UNHEALTHY_FAILURES)
  return {
    answer: 'now',
    status: 200,
    body: {
      status: isWell ? 'healthy' : 'unhealthy',
      tasks: { contract_refresh: outcomes(contracts), funding_rate_check: outcomes(rates) },
      pool: {
        pool_size: head?.pool.contracts.length ?? 0,
        candidate_size: found?.set.entries.size ?? 0,
        last_update: head?.pool.updated_at ?? null,
        cache_valid: found !== undefined && now < found.times.freshUntil,
        auto_update: look.job.off === undefined && (pausedUntil(look.job, rates.control) ?? 0) <= now,
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

const taskStats: View = async ({ now }, look) => {
  const state = await look.state()
  const { runs = 0, failed = 0, durationMs = 0 } = state.statistics?.total ?? {}
  return {
    answer: 'now',
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
  return { answer: 'failure', status: 404, message }
}

/** The documented answers, by the name of the route's shape. */
export const views = {
  taskStatus,
  latestRates,
  pool,
  contractsByInterval,
  cacheStatus,
  config,
  history,
  sessions,
  health,
  taskStats,
} satisfies Readonly<Record<string, View>>
