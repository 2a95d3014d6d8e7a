import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { seconds } from '#shared/declare/settings.ts'
import {
  checkInFreshness,
  checkInRun,
  PROJECT_ID,
  PROJECT_JOB,
  projectKeys,
} from '#shared/systems/check-ins/declaration.ts'
import { CHECK_IN_SETTINGS } from '#shared/upstreams/check-ins/settings.ts'
import { CHECK_IN_ZONE } from '#shared/upstreams/check-ins/vocabulary.ts'

/** The statistics of each ongoing check-in project on the present day in Shanghai. */
export const job = defineJob({
  ...PROJECT_JOB,
  id: 'check-in-daily-stats',
  title: 'Check-in statistics of the day',
  settings: {
    ...CHECK_IN_SETTINGS,
    CHECKINS_INTERVAL_DAILY_STATS: seconds(900, {
      min: 600,
      max: 43_200,
      about: 'time between refreshes of the statistics of the day; data are fresh for twice as long',
    }),
  },
  // the first run of a day starts a minute after midnight, when the keys of the new date are missing
  schedule: (s) => every(s.CHECKINS_INTERVAL_DAILY_STATS, { offset: '1 minute', zone: CHECK_IN_ZONE }),
  freshness: (s) => checkInFreshness(2 * s.CHECKINS_INTERVAL_DAILY_STATS),
  run: checkInRun('180 seconds'),
  keys: projectKeys('daily_stats:[0-9]{4}-[0-9]{2}-[0-9]{2}'),
  reads: [
    {
      path: '/api/projects/{id}/daily-stats',
      about: 'The statistics of one project on the present day in Shanghai',
      view: 'dailyStats',
      parameters: { id: PROJECT_ID },
      access: 'public',
      effect: 'read',
      cold: 'wait',
      live: { spacing: '30 seconds' },
    },
  ],
  triggerNames: ['checkins_daily_stats'],
  // 45 minutes after the newest check, which is fresh for 30
  overdueAfter: '15 minutes',
})
