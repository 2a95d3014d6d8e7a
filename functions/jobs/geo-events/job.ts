import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { count, decimal } from '#shared/declare/settings.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { SCHEDULER_SETTINGS } from '#shared/systems/common/settings.ts'
import { EVENTS_KIND, FEED_KEY } from '#shared/systems/macro/event-feed.ts'
import { EVENTS_SETTINGS, newsApiOff } from '#shared/upstreams/macro/settings.ts'

/** Geopolitical events, classified by the words of the news of each day. */
export const job = defineJob({
  id: 'geo-events',
  title: 'Geopolitical events',
  priority: 'P1',
  settings: {
    ...SCHEDULER_SETTINGS,
    ...EVENTS_SETTINGS,
    CACHE_TTL_GEOPOLITICAL_HOURS: decimal(5.25, {
      min: 5.1,
      max: 24,
      about: 'hours for which the events are fresh; at least five hours and three minutes',
    }),
    RETENTION_DAYS_GEOPOLITICAL: count(60, {
      unit: 'days',
      min: 31,
      max: 365,
      about: 'days for which events are kept',
    }),
  },
  off: (s) => {
    if (!s.ENABLE_SCHEDULER) return 'ENABLE_SCHEDULER is false'
    return s.EVENTS_PROVIDER === 'newsapi' ? newsApiOff(s) : undefined
  },
  // on the two days on which the clock changes an interval has three or five hours
  schedule: every('4 hours', { zone: 'America/New_York' }),
  upstream: {
    among: ['gdelt', 'news-api'],
    select: (s) => [s.EVENTS_PROVIDER === 'newsapi' ? 'news-api' : 'gdelt'],
  },
  history: (s) => ({ [EVENTS_KIND]: s.RETENTION_DAYS_GEOPOLITICAL * DAY_MS }),
  freshness: (s) => ({
    freshFor: Math.round(s.CACHE_TTL_GEOPOLITICAL_HOURS * HOUR_MS),
    serveStaleFor: '24 hours',
    // the daily sums outlast a long outage of the provider
    keepFor: '60 days',
  }),
  run: { mode: 'plain', deadline: '120 seconds', attempts: 2, backoff: '2 seconds' },
  stored: 'items',
  envelope: 'plain',
  reads: [
    {
      path: '/api/v1/macro/geopolitical-events',
      about: 'Geopolitical events, newest first, in pages, with the state of their feed',
      key: FEED_KEY,
      view: 'events',
      query: {
        days: {
          pattern: '[1-9]|[1-5][0-9]|60',
          about: 'events of so many days, 1 to 60; 30 by default',
          invalidMessage: 'days: expected 1 to 60',
        },
        category: {
          pattern: 'WAR|TERRORISM|ENERGY_CRISIS|TRADE_DISPUTE|POLITICAL_UNREST|DIPLOMATIC_CRISIS|OTHER',
          about: 'events of this category only',
          invalidMessage: 'category: expected one such as WAR',
        },
        min_impact: {
          pattern: '[0-9]|[1-9][0-9]|100',
          about: 'events with at least this impact, 0 to 100',
          invalidMessage: 'min_impact: expected 0 to 100',
        },
        limit: {
          pattern: '[1-9]|[1-9][0-9]|[1-4][0-9][0-9]|500',
          about: 'events of a page, 1 to 500; 100 by default',
          invalidMessage: 'limit: expected 1 to 500',
        },
        cursor: {
          pattern: '[1-9][0-9]{12}',
          about: 'meta.next_cursor of the page before',
          invalidMessage: 'cursor: expected a next_cursor',
        },
      },
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  triggerNames: ['fetch_geopolitical', 'geopolitical'],
  failuresBeforeAlarm: 3,
})
