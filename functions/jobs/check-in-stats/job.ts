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

/** The statistics of each ongoing check-in project since its start. */
export const job = defineJob({
  ...PROJECT_JOB,
  id: 'check-in-stats',
  title: 'Check-in statistics',
  settings: {
    ...CHECK_IN_SETTINGS,
    CHECKINS_INTERVAL_PROJECT_STATS: seconds(1_800, {
      min: 900,
      max: 43_200,
      about: 'time between refreshes of the statistics of projects; data are fresh for twice as long',
    }),
  },
  schedule: (s) => every(s.CHECKINS_INTERVAL_PROJECT_STATS, { offset: '12 minutes', zone: CHECK_IN_ZONE }),
  viewInputs: ['check-in-daily-stats'],
  freshness: (s) => checkInFreshness(2 * s.CHECKINS_INTERVAL_PROJECT_STATS),
  run: checkInRun('300 seconds'),
  keys: projectKeys('stats'),
  reads: [
    {
      path: '/api/projects/{id}/stats',
      about: 'The statistics of one project since its start',
      view: 'stats',
      parameters: { id: PROJECT_ID },
      access: 'public',
      effect: 'read',
      cold: 'wait',
      live: { spacing: '30 seconds' },
    },
  ],
  triggerNames: ['checkins_project_stats'],
})
