import { defineJob } from '#shared/declare/job.ts'
import { RECORD_PAGE } from '#shared/declare/record-page.ts'
import { cron } from '#shared/declare/schedule.ts'
import { count, decimal } from '#shared/declare/settings.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { SCHEDULER_SETTINGS } from '#shared/systems/common/settings.ts'
import { FRED_SETTINGS, fredOff } from '#shared/upstreams/macro/settings.ts'

const SERIES_PARAMETER = {
  pattern: '[A-Z0-9]{2,25}(?:_PC1)?',
  about: 'a series of FRED such as DFF, or its change from a year before, such as CPIAUCSL_PC1',
}

/** The macro indicators, each with its changes, and every value that was revised. */
export const job = defineJob({
  id: 'macro-indicators',
  title: 'Macro indicators',
  priority: 'P0',
  settings: {
    ...SCHEDULER_SETTINGS,
    ...FRED_SETTINGS,
    CACHE_TTL_MACRO_HOURS: decimal(26, {
      min: 25.1,
      max: 168,
      about: 'hours for which an indicator is fresh; at least a day of 25 hours and four minutes',
    }),
    RETENTION_DAYS_MACRO: count(400, {
      unit: 'days',
      min: 31,
      max: 800,
      about: 'days for which observations and the indicators of each day are kept',
    }),
  },
  off: (s) => (s.ENABLE_SCHEDULER ? fredOff(s) : 'ENABLE_SCHEDULER is false'),
  // the two later runs of a day fetch what the first one did not
  schedule: cron('0 9,10,13 * * ? *', 'America/New_York'),
  upstream: 'fred',
  history: (s) => {
    const keepFor = s.RETENTION_DAYS_MACRO * DAY_MS
    return { daily: keepFor, observations: keepFor }
  },
  freshness: (s) => ({
    freshFor: Math.round(s.CACHE_TTL_MACRO_HOURS * HOUR_MS),
    serveStaleFor: '7 days',
    keepFor: '30 days',
  }),
  run: { mode: 'plain', deadline: '180 seconds', attempts: 2, backoff: '2 seconds', concurrency: 1 },
  stored: 'items',
  keys: SERIES_PARAMETER,
  envelope: 'plain',
  reads: [
    {
      path: '/api/v1/macro/indicators/{series_id}',
      about:
        'One macro indicator; with days, its observations too; with as_of, what was stored by the end of that day',
      view: 'indicator',
      parameters: { series_id: SERIES_PARAMETER },
      query: {
        days: {
          pattern: '[1-9]|[1-9][0-9]|[1-3][0-9][0-9]|400',
          about: 'also the observations of so many days, 1 to 400',
          invalidMessage: 'days: expected a whole number from 1 to 400',
        },
        as_of: {
          pattern: '[0-9]{4}-[0-9]{2}-[0-9]{2}',
          about: 'a day in New York, up to today: the answer is what was stored by its end',
          invalidMessage: 'as_of: expected a day as YYYY-MM-DD',
        },
      },
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
    {
      path: '/api/v1/macro/indicators',
      about: 'All macro indicators, in pages',
      view: 'all',
      query: RECORD_PAGE,
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
    {
      path: '/api/v1/macro/monetary-policy',
      about: 'The indicators of monetary policy and its stance',
      view: 'monetaryPolicy',
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  aliases: [
    {
      method: 'POST',
      path: '/api/v1/macro/refresh',
      about: 'Refreshes the indicators now, and the macro risk after them',
      operation: 'trigger',
    },
  ],
  triggerNames: ['refresh_macro', 'macro'],
  overdueAfter: '24 hours',
  failuresBeforeAlarm: 2,
})
