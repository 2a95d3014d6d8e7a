import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { choice, count, decimal, type SettingValues, seconds } from '#shared/declare/settings.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { fundingSettings, VENUE_UPSTREAMS } from '#shared/systems/funding/venues.ts'

const FLAG = { pattern: 'true|false|1|0', about: 'true, false, 1 or 0' }
const TASK = { pattern: '[^/]{1,200}', about: 'the task id from the response to the submission' }
const SYMBOL = { pattern: String.raw`[\p{L}\p{N}]{2,30}`, about: 'a contract such as BTCUSDT' }

const settings = {
  ...fundingSettings,
  FUNDING_RATE_THRESHOLD: decimal(0.003, {
    min: 0,
    max: 0.1,
    about: 'smallest magnitude of a rate in the pool: 0.003 is 0.3 %',
  }),
  FUNDING_THRESHOLD_BASIS: choice(['raw', '8h'], 'raw', {
    about: 'rate that is compared with the threshold: as paid, or scaled to 8 hours',
  }),
  MIN_VOLUME: decimal(1_000_000, {
    min: 100_000,
    about: 'smallest 24 h volume of a contract in the pool, in its quote',
  }),
  MAX_POOL_SIZE: count(20, { unit: 'contracts', min: 1, max: 100, about: 'largest size of the pool' }),
  FUNDING_RATE_CHECK_INTERVAL: seconds(600, {
    min: 60,
    max: 86_400,
    about: 'interval between full refreshes of the rates',
  }),
  CACHE_DURATION: seconds(840, { min: 300, max: 86_400, about: 'time for which rates are fresh' }),
  API_RETRY_COUNT: count(2, {
    unit: 'retries',
    min: 0,
    max: 5,
    about: 'retries of a call after its first attempt',
  }),
  API_RETRY_DELAY: seconds(1, { min: 1, max: 60, about: 'base of the exponential backoff' }),
  FUNDING_TASK_DEADLINE: seconds(120, { min: 30, max: 300, about: 'deadline of a refresh' }),
  FUNDING_ASYNC_SUBMIT_AUTH: choice(['public', 'operator'], 'public', {
    about: 'access to the submission of refreshes by GET',
  }),
}

/** The values of this job's settings. */
export type FundingSettings = SettingValues<typeof settings>

/** Away from the full hour, when providers have the most load. */
const OFFSET_MS = 4 * MINUTE_MS

const read = { access: 'public', effect: 'read', cold: 'refuse', key: 'all' } as const

/** Current funding rates of all perpetual contracts of one venue, with the pool of those with the largest rates. */
export const job = defineJob({
  id: 'funding-rates',
  title: 'Funding rates',
  priority: 'P0',
  settings,
  schedule: ({ FUNDING_RATE_CHECK_INTERVAL: interval }) =>
    every(interval, interval > OFFSET_MS ? { offset: OFFSET_MS } : {}),
  upstream: {
    among: Object.values(VENUE_UPSTREAMS),
    select: (s) => s.EXCHANGES.map((venue) => VENUE_UPSTREAMS[venue]),
  },
  inputs: ['funding-contracts'],
  history: { rates: '90 days', sessions: '180 days' },
  freshness: (s) => ({
    freshFor: s.CACHE_DURATION,
    serveStaleFor: '8 hours',
    keepFor: '2 days',
    maxAsOfAge: s.CACHE_DURATION + 30 * MINUTE_MS,
  }),
  run: (s) => ({
    mode: 'task',
    deadline: s.FUNDING_TASK_DEADLINE,
    attempts: s.API_RETRY_COUNT + 1,
    backoff: s.API_RETRY_DELAY,
    concurrency: 4,
    coalesceFor: '60 seconds',
  }),
  stored: 'snapshot',
  envelope: 'status',
  params: { fast_mode: false, cache_only: false },
  taskPrefix: 'latest_rates_',
  submits: (s) => [
    {
      path: '/funding_monitor/latest-rates-async',
      about:
        'Submits a refresh and responds at once with its task (deprecated as a way to start work: POST refreshes)',
      access: s.FUNDING_ASYNC_SUBMIT_AUTH,
      query: { fast_mode: FLAG, cache_only: FLAG },
    },
    {
      method: 'POST',
      path: '/funding_monitor/refreshes',
      about: 'Submits a refresh, even if the rates were refreshed a moment ago',
      access: 'operator',
      requiresNewRun: true,
    },
  ],
  aliases: [
    {
      method: 'POST',
      path: '/funding_monitor/tasks/{id}/cancel',
      about: 'Cancels a refresh',
      operation: 'cancel',
    },
  ],
  reads: [
    {
      ...read,
      path: '/funding_monitor/latest-rates',
      about: 'The stored rates of all contracts, or of those in the pool',
      query: { fast_mode: FLAG },
      view: 'latestRates',
    },
    {
      ...read,
      path: '/funding_monitor/task-status/{task_id}',
      about: 'The state of a refresh, and a page of its result',
      parameters: { task_id: TASK },
      query: { page: { pattern: '[1-9][0-9]{0,3}', about: 'a page of the result, from 1' } },
      view: 'taskStatus',
      uncached: true,
    },
    { ...read, path: '/funding_monitor/pool', about: 'The contracts with the largest rates', view: 'pool' },
    {
      ...read,
      path: '/funding_monitor/contracts-by-interval/{interval}',
      about: 'The contracts that settle at an interval',
      parameters: { interval: { pattern: '[^/]{1,10}', about: 'hours such as 8h, from 1h to 24h' } },
      view: 'contractsByInterval',
    },
    {
      ...read,
      path: '/funding_monitor/cache-status',
      about: 'The time and the counts of the stored rates',
      view: 'cacheStatus',
    },
    {
      ...read,
      path: '/funding_monitor/config',
      about: 'The settings of the rates and the pool',
      access: 'operator',
      view: 'config',
      uncached: true,
    },
    {
      ...read,
      path: '/funding_monitor/history/{symbol}',
      about: 'The rates of a contract while it was in the pool, the newest first',
      parameters: { symbol: SYMBOL },
      query: { days: { pattern: '[1-9]|[1-8][0-9]|90', about: 'days back, from 1 to 90; 7 by default' } },
      view: 'history',
      uncached: true,
    },
    {
      ...read,
      path: '/funding_monitor/archive/sessions/{symbol}',
      about: 'The closed sessions of a contract in the pool, the newest first',
      parameters: { symbol: SYMBOL },
      view: 'sessions',
      uncached: true,
    },
    {
      ...read,
      path: '/funding_monitor/health',
      about: 'The outcomes of the refreshes of rates and contracts',
      view: 'health',
      uncached: true,
    },
    {
      ...read,
      path: '/funding_monitor/task-stats',
      about: 'The number of refreshes and their outcomes',
      view: 'taskStats',
      uncached: true,
    },
  ],
  triggerNames: ['check_funding_rates'],
  overdueAfter: '16 minutes',
})
