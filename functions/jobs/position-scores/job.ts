import { defineJob } from '#shared/declare/job.ts'
import { RECORD_PAGE } from '#shared/declare/record-page.ts'
import { every } from '#shared/declare/schedule.ts'
import { BARS_SETTINGS, barsOff, SYMBOL_PARAMETER } from '#shared/systems/portfolio/settings.ts'

/** The scores of each symbol of the portfolio, from its technical indicators and its fundamentals. */
export const job = defineJob({
  id: 'position-scores',
  title: 'Position scores',
  priority: 'P1',
  settings: BARS_SETTINGS,
  off: barsOff,
  schedule: every('1 hour', { offset: '12 minutes' }),
  inputs: [{ items: 'technical' }, { items: 'fundamental' }],
  follows: ['technical', 'fundamental'],
  operatorData: ['positions'],
  history: { daily: '90 days' },
  freshness: {
    freshFor: '75 minutes',
    serveStaleFor: '24 hours',
    keepFor: '30 days',
    notFoundFor: '10 minutes',
  },
  run: { mode: 'plain', deadline: '60 seconds', concurrency: 10 },
  stored: 'items',
  keys: SYMBOL_PARAMETER,
  envelope: 'plain',
  reads: [
    {
      path: '/api/v1/positions/{symbol}/scores',
      about: 'The scores of one symbol; with days, its former ones too',
      view: 'scores',
      parameters: { symbol: SYMBOL_PARAMETER },
      query: { days: { pattern: '[1-9]|[1-8][0-9]|90', about: 'also the records of so many days' } },
      access: 'public',
      effect: 'read',
      cold: 'wait',
    },
    {
      path: '/api/v1/positions/scores',
      about: 'The scores of all symbols, in pages',
      view: 'all',
      query: RECORD_PAGE,
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
    {
      path: '/api/v1/positions/assessment',
      about: 'The value, profit and scores of each position, and of the portfolio',
      view: 'assessment',
      access: 'operator',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  triggerNames: ['refresh_position_scores'],
  failuresBeforeAlarm: 3,
})
