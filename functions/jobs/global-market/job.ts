import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { attempts, flag, minutes, seconds } from '#shared/declare/settings.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'

/** Away from the full hour, when providers have the most load. */
const OFFSET_MS = 3 * MINUTE_MS

/** Current figures of the whole crypto market: capitalisation, volume, dominance. */
export const job = defineJob({
  id: 'global-market',
  title: 'Global crypto market statistics',
  priority: 'P0',
  settings: {
    GLOBAL_STATS_ENABLED: flag(true, {
      about:
        'run the job; if false, nothing is refreshed, and stored statistics are served until they expire',
    }),
    GLOBAL_STATS_INTERVAL_MIN: minutes(10, { min: 1, max: 60, about: 'time between refreshes' }),
    GLOBAL_STATS_MAX_RETRIES: attempts(3, {
      min: 1,
      max: 5,
      about: 'attempts per refresh, including the first',
    }),
    GLOBAL_STATS_RETRY_BACKOFF: seconds(10, { min: 1, max: 60, about: 'base of the exponential backoff' }),
    GLOBAL_STATS_CACHE_TTL: seconds(900, { about: 'time for which the statistics are fresh' }),
  },
  off: (s) => (s.GLOBAL_STATS_ENABLED ? undefined : 'GLOBAL_STATS_ENABLED is false'),
  schedule: ({ GLOBAL_STATS_INTERVAL_MIN: interval }) =>
    every(interval, interval > OFFSET_MS ? { offset: OFFSET_MS } : {}),
  upstream: 'coingecko',
  upstreamInterval: '10 minutes',
  freshness: (s) => ({
    freshFor: s.GLOBAL_STATS_CACHE_TTL,
    serveStaleFor: '24 hours',
    keepFor: '7 days',
    maxAsOfAge: '2 hours',
  }),
  run: (s) => ({
    mode: 'plain',
    deadline: '90 seconds',
    attempts: s.GLOBAL_STATS_MAX_RETRIES,
    backoff: s.GLOBAL_STATS_RETRY_BACKOFF,
  }),
  stored: 'items',
  envelope: 'success',
  reads: [
    {
      path: '/api/v1/currencies/global-market-stats',
      about: 'Capitalisation, 24 h volume and dominance of the whole crypto market',
      key: 'global',
      access: 'public',
      effect: 'read',
      cold: 'wait',
      hitMessage: 'Using cached global market stats (age: {age} seconds)',
    },
  ],
  triggerNames: ['global_market', 'refresh_global_market'],
  overridable: ['interval'],
  overdueAfter: '45 minutes',
})
