import { defineJob } from '#shared/declare/job.ts'
import { RECORD_PAGE } from '#shared/declare/record-page.ts'
import { daily } from '#shared/declare/schedule.ts'
import { decimal, flag } from '#shared/declare/settings.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { BARS_SETTINGS, SYMBOL_PARAMETER } from '#shared/systems/portfolio/settings.ts'
import { alphaVantageOff } from '#shared/upstreams/stocks/settings.ts'

/** The fundamentals of each symbol of the portfolio, and their scores. */
export const job = defineJob({
  id: 'fundamental',
  title: 'Fundamentals',
  priority: 'P1',
  settings: {
    ...BARS_SETTINGS,
    ALPHA_VANTAGE_BALANCE_SHEET: flag(false, {
      about: 'also read balance sheets, for the scores of financial health: one more call per symbol',
    }),
    CACHE_TTL_FUNDAMENTAL_HOURS: decimal(26, {
      min: 25.8,
      max: 168,
      about:
        'hours for which the fundamentals of a symbol are fresh; at least a day of 25 hours and 46 minutes',
    }),
  },
  off: (s) => (s.ENABLE_SCHEDULER ? alphaVantageOff(s) : 'ENABLE_SCHEDULER is false'),
  // not between 2 and 3, an hour that one day of the year does not have
  schedule: daily('03:30', 'America/New_York'),
  upstream: 'alpha-vantage',
  // a symbol with bars exists, even if the provider has no fundamentals of it
  inputs: [{ items: 'technical' }],
  operatorData: ['positions'],
  history: { daily: '180 days' },
  freshness: (s) => ({
    freshFor: Math.round(s.CACHE_TTL_FUNDAMENTAL_HOURS * HOUR_MS),
    serveStaleFor: '7 days',
    // of a symbol that is no longer refreshed; the history has its own time
    keepFor: '30 days',
    notFoundFor: '24 hours',
  }),
  run: { mode: 'task', deadline: '45 minutes', concurrency: 1, chunk: 25 },
  stored: 'items',
  keys: SYMBOL_PARAMETER,
  envelope: 'plain',
  params: { symbols: null, force: false },
  reads: [
    {
      path: '/api/v1/positions/{symbol}/fundamental',
      about: 'The fundamentals of one symbol and their scores; with days, those of earlier days too',
      view: 'fundamental',
      parameters: { symbol: SYMBOL_PARAMETER },
      query: {
        days: { pattern: '[1-9]|[1-9][0-9]|1[0-7][0-9]|180', about: 'also the records of so many days' },
      },
      access: 'public',
      effect: 'read',
      cold: 'wait',
    },
    {
      path: '/api/v1/positions/fundamental',
      about: 'The fundamentals of all symbols, in pages',
      view: 'all',
      query: RECORD_PAGE,
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  submits: [
    {
      method: 'POST',
      path: '/api/v1/positions/fundamental/refresh',
      about:
        'Refreshes the fundamentals of all symbols, or of some; with force, also those that were fetched today',
      access: 'operator',
    },
  ],
  triggerNames: ['refresh_fundamental'],
  failuresBeforeAlarm: 3,
})
