import { notYet, type ServableSet, type Shape, type Shaped } from '#functions/serving/shape.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { pausedUntil } from '#shared/engine/initial-pause.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { envelopeOf, isoSeconds } from '#shared/http/envelopes.ts'
import { flagOf } from './flags.ts'
import type { FundingSettings } from './job.ts'
import type { RateRecord } from './rate-record.ts'
import type { RatesHead } from './refresh.ts'
import { taskStatus } from './task-status.ts'

const DAY_MS = 86_400_000
const MOST_ROWS = 20_000
const UNHEALTHY_FAILURES = 5

type Members = Readonly<Record<string, JsonValue>>

/** An answer made from the stored set, in the documented envelope. */
const ofSet =
  (make: (found: ServableSet, head: RatesHead, request: Parameters<Shape>[0]) => Members | Shaped): Shape =>
  async (request, look) => {
    const found = await look.set()
    if (!found) return notYet(look.job)
    const made = make(found, found.set.head as RatesHead, request)
    if (isShaped(made)) return made
    return { answer: 'value', body: envelopeOf('status').wrap(made, found.of), from: found }
  }

function isShaped(made: Members | Shaped): made is Shaped {
  return typeof made['answer' as keyof typeof made] === 'string'
}

const latestRates = ofSet((found, { pool, intervals }, { query }) => {
  const only = flagOf(query['fast_mode']) ? new Set(pool.contracts.map(({ symbol }) => symbol)) : undefined
  const contracts = [...found.set.entries].filter(([symbol]) => only?.has(symbol) ?? true)
  return {
    contracts: Object.fromEntries(contracts.map(([symbol, { data }]) => [symbol, data])),
    count: contracts.length,
    venue: pool.venue,
    intervals: Object.keys(intervals),
  }
})

const pool = ofSet((_found, head) => ({
  contracts: head.pool.contracts,
  count: head.pool.contracts.length,
  pool_changes: head.pool.pool_changes,
}))

const contractsByInterval = ofSet((found, _head, { parameters }) => {
  const interval = parameters['interval'] ?? ''
  if (!/^(?:[1-9]|1[0-9]|2[0-4])h$/.test(interval)) return unknown('Interval not found')
  const contracts = [...found.set.entries.values()]
    .map(({ data }) => data as RateRecord)
    .filter(({ funding_interval }) => funding_interval === interval)
  if (contracts.length === 0) return unknown('Interval not found')
  return { interval, contracts: contracts, count: contracts.length }
})

const cacheStatus = ofSet((found, { intervals }) => ({
  cache_time: isoSeconds(found.of.fetchedAt),
  intervals: Object.keys(intervals),
  total_contracts: found.set.entries.size,
  contracts_by_interval: { ...intervals },
}))

const config: Shape = async ({ now }, { job }) => {
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

const history: Shape = async ({ parameters, query, now }, look) => {
  const symbol = parameters['symbol'] ?? ''
  const days = Number(query['days'] ?? '7')
  const range = { from: now - days * DAY_MS, to: now, limit: MOST_ROWS }
  const rows = await look.history('rates', symbol, range)
  if (rows.length === 0 && !(await isKnown(symbol, look))) return unknown('Symbol not found')
  return rowsAnswer({ symbol, days, history: rows.map(({ data }) => data) }, now)
}

const sessions: Shape = async ({ parameters, now }, look) => {
  const symbol = parameters['symbol'] ?? ''
  const rows = await look.history('sessions', symbol, { from: 0, to: now, limit: MOST_ROWS })
  if (rows.length === 0 && !(await isKnown(symbol, look))) return unknown('Symbol not found')
  return rowsAnswer({ symbol, sessions: rows.map(({ data }) => data) }, now)
}

async function isKnown(symbol: string, look: Parameters<Shape>[1]): Promise<boolean> {
  const found = await look.set()
  return found?.set.entries.has(symbol) ?? false
}

function rowsAnswer(members: Members, now: number): Shaped {
  const list = Object.values(members).find(Array.isArray)
  const body = { status: 'success', ...members, count: list?.length ?? 0, timestamp: isoSeconds(now) }
  return { answer: 'now', status: 200, body }
}

/** From the persisted outcomes of both jobs: the body tells, monitors use alarms. */
const health: Shape = async ({ now }, look) => {
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
        cache_valid: found !== undefined && now < found.of.freshUntil,
        auto_update: look.job.off === undefined && (pausedUntil(look.job, rates.pause) ?? 0) <= now,
      },
      timestamp: isoSeconds(now),
    },
  }
}

function outcomes({ figures, lastSuccessAt, consecutiveFailures }: JobState) {
  const { runs = 0, failed = 0 } = figures?.total ?? {}
  return {
    last_success: lastSuccessAt === undefined ? null : isoSeconds(lastSuccessAt),
    last_failure: figures?.lastFailure ? isoSeconds(figures.lastFailure.at) : null,
    success_count: runs - failed,
    failure_count: failed,
    consecutive_failures: consecutiveFailures,
    last_error: figures?.lastFailure?.reason ?? null,
  }
}

const taskStats: Shape = async ({ now }, look) => {
  const state = await look.state()
  const { runs = 0, failed = 0, durationMs = 0 } = state.figures?.total ?? {}
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

function unknown(message: string): Shaped {
  return { answer: 'failure', status: 404, message }
}

/** The documented answers, by the name of the route's shape. */
export const fundingRates = {
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
} satisfies Readonly<Record<string, Shape>>
