import { defineJob } from '#shared/declare/job.ts'
import { RECORD_PAGE } from '#shared/declare/record-page.ts'
import { every } from '#shared/declare/schedule.ts'
import { count, decimal } from '#shared/declare/settings.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { BARS_SETTINGS, barsOff, SYMBOL_PARAMETER } from '#shared/systems/portfolio/settings.ts'

const POSITIONS_PATH = '/api/v1/admin/positions'

/** Seven weekdays and the weekends between them: an older bar belongs to a symbol that is no longer traded. */
const MAX_BAR_AGE = '12 days'

/** The technical indicators of each symbol of the portfolio after its newest finished session. */
export const job = defineJob({
  id: 'technical',
  title: 'Technical indicators',
  priority: 'P0',
  settings: {
    ...BARS_SETTINGS,
    CACHE_TTL_TECHNICAL_HOURS: decimal(1.25, {
      min: 1.2,
      max: 48,
      about:
        'hours for which the indicators of a symbol are fresh; at least the interval plus eleven minutes',
    }),
    EXTERNAL_API_CONCURRENCY: count(5, {
      unit: 'symbols',
      max: 10,
      about: 'concurrent requests, one symbol each',
    }),
  },
  off: barsOff,
  schedule: every('1 hour'),
  upstream: {
    among: ['alpha-vantage', 'yahoo'],
    select: (s) => [s.BARS_PROVIDER === 'yahoo' ? 'yahoo' : 'alpha-vantage'],
  },
  operatorData: ['positions'],
  history: { daily: '90 days' },
  freshness: (s) => ({
    freshFor: Math.round(s.CACHE_TTL_TECHNICAL_HOURS * HOUR_MS),
    serveStaleFor: '7 days',
    keepFor: '30 days',
    maxAsOfAge: MAX_BAR_AGE,
    notFoundFor: '24 hours',
  }),
  run: (s) => ({
    mode: 'task',
    deadline: '10 minutes',
    concurrency: s.EXTERNAL_API_CONCURRENCY,
    chunk: 50,
  }),
  stored: 'items',
  keys: SYMBOL_PARAMETER,
  envelope: 'plain',
  params: { symbols: null, force: false },
  reads: [
    {
      path: '/api/v1/positions/{symbol}/technical',
      about:
        'The indicators of one symbol after its newest session; with days, those of its former sessions too',
      view: 'technical',
      parameters: { symbol: SYMBOL_PARAMETER },
      query: {
        timeframe: { pattern: '[0-9A-Za-z]{1,4}', about: '1D: only daily bars are analysed' },
        days: { pattern: '[1-9]|[1-8][0-9]|90', about: 'also the records of so many days' },
      },
      access: 'public',
      effect: 'read',
      cold: 'wait',
    },
    {
      path: '/api/v1/positions/technical',
      about: 'The indicators of all symbols, in pages',
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
      path: '/api/v1/positions/refresh',
      about:
        'Refreshes the indicators of all symbols, or of some; with force, also those of the newest session',
      access: 'operator',
    },
  ],
  aliases: [
    {
      method: 'GET',
      path: POSITIONS_PATH,
      about: 'The positions that operators have put, or the configured symbols',
      operation: 'show-operator-data',
    },
    {
      method: 'PUT',
      path: POSITIONS_PATH,
      about: 'Replaces the positions',
      operation: 'replace-operator-data',
    },
    {
      method: 'DELETE',
      path: POSITIONS_PATH,
      about: 'Erases the positions: the configured symbols apply again',
      operation: 'erase-operator-data',
    },
  ],
  triggerNames: ['refresh_technical'],
  failuresBeforeAlarm: 2,
})
