import { defineJob } from '#shared/declare/job.ts'
import { onDemand } from '#shared/declare/schedule.ts'

/** The pairs of the spot market with the largest price increases of 24 hours. */
export const job = defineJob({
  id: 'top-gainers',
  title: 'Top gainers',
  priority: 'P2',
  settings: {},
  schedule: onDemand(),
  upstream: ['binance-spot', 'binance-spot-api'],
  inputs: ['symbol-universe'],
  freshness: {
    freshFor: '60 seconds',
    serveStaleFor: '1 hour',
    keepFor: '1 day',
    maxAsOfAge: '31 minutes',
  },
  run: { mode: 'plain', deadline: '30 seconds', attempts: 2, backoff: '1 second' },
  stored: 'items',
  envelope: 'code',
  reads: [
    {
      path: '/api/gainer-analysis/top-gainers',
      about: 'The pairs with the largest price increases of 24 hours',
      key: 'spot',
      query: {
        limit: {
          pattern: '[1-9][0-9]?|100',
          about: 'number of pairs, from 1 to 100; 20 by default',
          invalidMessage: 'limit must be between 1 and 100',
        },
        market: {
          pattern: 'spot',
          about: 'spot, the only market',
          invalidMessage: 'market must be spot',
        },
      },
      view: 'topGainers',
      access: 'public',
      effect: 'read',
      cold: 'wait',
    },
  ],
})
