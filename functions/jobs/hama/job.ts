import { hamaPresetNames } from '#shared/analysis/hama-candles.ts'
import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { choice, count, flag, seconds } from '#shared/declare/settings.ts'

const PREFIX = '/api/gainer-analysis'

/** The exchange's symbols can have letters and digits of any script. */
const SYMBOL = String.raw`[^\s#/\p{C}]{2,30}`

/** With every interval, a tick comes one minute after a bar of 15 minutes has closed. */
const OFFSET = '1 minute'

/** The newest closed bar of a market that is traded ended at most one bar ago; one more may be late. */
const BARS_BEHIND_MS = 3 * 15 * 60_000

const MAX_AGE_MS = 30 * 60_000
const MIN_OVERDUE_MS = 5 * 60_000

/** The HAMA state of each symbol after its newest closed bar. */
export const job = defineJob({
  id: 'hama',
  title: 'HAMA analyses',
  priority: 'P0',
  settings: {
    HAMA_SCHEDULER_ENABLED: flag(true, {
      about: 'run the job; if false, nothing is refreshed, and stored analyses are served until they expire',
    }),
    HAMA_SCHEDULER_AUTO_START: flag(true, {
      about:
        'start the schedule on deployment; if false, the job is created paused. A pause or resume by an operator overrides it',
    }),
    HAMA_SCHEDULER_INTERVAL: choice(['5', '10', '15', '20', '30', '60'], '5', {
      unit: 'minutes',
      about: 'time between analyses',
    }),
    HAMA_CACHE_TTL: seconds(600, {
      about: 'time for which an analysis is fresh; at least the interval plus three minutes',
    }),
    HAMA_PRESET: choice(hamaPresetNames, 'pine', { about: 'moving averages that smooth the candles' }),
    HAMA_CONCURRENCY: count(8, {
      unit: 'symbols',
      min: 1,
      max: 16,
      about: 'concurrent requests, one symbol each',
    }),
  },
  off: (s) => (s.HAMA_SCHEDULER_ENABLED ? undefined : 'HAMA_SCHEDULER_ENABLED is false'),
  initialPause: (s) => (s.HAMA_SCHEDULER_AUTO_START ? undefined : 'HAMA_SCHEDULER_AUTO_START is false'),
  schedule: (s) => every(`${Number(s.HAMA_SCHEDULER_INTERVAL)} minutes`, { offset: OFFSET }),
  spread: '1 minute',
  upstream: ['binance-spot', 'binance-spot-api'],
  inputs: ['symbol-universe'],
  freshness: (s) => ({
    freshFor: s.HAMA_CACHE_TTL,
    serveStaleFor: '6 hours',
    keepFor: '2 days',
    maxAsOfAge: s.HAMA_CACHE_TTL + BARS_BEHIND_MS,
    notFoundFor: '10 minutes',
  }),
  run: (s) => ({
    mode: 'task',
    deadline: '2 minutes',
    attempts: 2,
    backoff: '1 second',
    concurrency: s.HAMA_CONCURRENCY,
    chunk: 200,
  }),
  stored: 'items',
  keys: { pattern: SYMBOL, about: 'a symbol of the spot market, such as BTCUSDT' },
  envelope: 'code',
  params: { symbols: null },
  reads: [
    {
      method: 'POST',
      path: `${PREFIX}/analyze-symbol`,
      about: 'The analysis of one symbol',
      view: 'analyzeSymbol',
      access: 'public',
      effect: 'read',
      live: { keys: 'symbols' },
      cold: 'wait',
    },
    {
      method: 'POST',
      path: `${PREFIX}/analyze-batch`,
      about: 'The analyses of up to 100 symbols',
      view: 'analyzeBatch',
      access: 'public',
      effect: 'read',
      live: { keys: 'symbols' },
      cold: 'wait',
    },
    {
      path: `${PREFIX}/cache-stats`,
      about: 'The stored analyses and their age',
      view: 'cacheStats',
      uncached: true,
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
    {
      path: `${PREFIX}/scheduler/status`,
      about: 'Whether the schedule runs, its interval, the last and the next run',
      view: 'schedulerStatus',
      uncached: true,
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
    {
      path: `${PREFIX}/tasks/{task_id}`,
      about: 'The state of a preload',
      view: 'task',
      uncached: true,
      parameters: { task_id: { pattern: '.{1,100}', about: 'the task id from the response to the preload' } },
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  submits: [
    {
      method: 'POST',
      path: `${PREFIX}/preload`,
      about: 'Analyses symbols now and stores the results',
      access: 'operator',
    },
  ],
  aliases: [
    {
      method: 'POST',
      path: `${PREFIX}/scheduler/start`,
      about: 'Starts the schedule and one run now',
      operation: 'start-schedule',
    },
    {
      method: 'POST',
      path: `${PREFIX}/scheduler/stop`,
      about: 'Stops the schedule',
      operation: 'stop-schedule',
    },
    {
      method: 'DELETE',
      path: `${PREFIX}/cache`,
      about: 'Marks every analysis as stale',
      operation: 'clear-cache',
    },
    {
      method: 'DELETE',
      path: `${PREFIX}/cache/{id}`,
      about: 'Marks the analysis of one symbol as stale',
      operation: 'clear-cache-key',
    },
  ],
  triggerNames: ['refresh_hama'],
  overridable: ['interval', 'items'],
  // the alarm fires when an analysis is half an hour old
  overdueAfter: (s) => Math.max(MAX_AGE_MS - s.HAMA_CACHE_TTL, MIN_OVERDUE_MS),
  failuresBeforeAlarm: 3,
  coolingBeforeAlarm: '5 minutes',
})
