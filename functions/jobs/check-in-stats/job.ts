import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { seconds } from '#shared/declare/settings.ts'
import { PROJECT_ID, projectKeys } from '#shared/systems/check-ins/routes.ts'
import { CHECK_IN_SETTINGS, checkInsOff } from '#shared/upstreams/check-ins/settings.ts'
import { CHECK_IN_ZONE } from '#shared/upstreams/check-ins/vocabulary.ts'

/** The statistics of each ongoing check-in project since its start. */
export const job = defineJob({
  id: 'check-in-stats',
  title: 'Check-in statistics',
  priority: 'P1',
  settings: {
    ...CHECK_IN_SETTINGS,
    CHECKINS_INTERVAL_PROJECT_STATS: seconds(1_800, {
      min: 900,
      max: 43_200,
      about: 'time between refreshes of the statistics of projects; data are fresh for twice as long',
    }),
  },
  off: checkInsOff,
  schedule: (s) => every(s.CHECKINS_INTERVAL_PROJECT_STATS, { offset: '12 minutes', zone: CHECK_IN_ZONE }),
  spread: '30 seconds',
  upstream: 'check-ins',
  inputs: [{ items: 'check-in-projects' }],
  viewInputs: ['check-in-daily-stats'],
  follows: ['check-in-projects'],
  freshness: (s) => ({
    freshFor: 2 * s.CHECKINS_INTERVAL_PROJECT_STATS,
    jitter: 0.1,
    serveStaleFor: '24 hours',
    keepFor: '3 days',
    notFoundFor: '60 seconds',
  }),
  run: { mode: 'plain', deadline: '300 seconds', attempts: 2, backoff: '2 seconds', concurrency: 1 },
  stored: 'items',
  keys: projectKeys('stats'),
  coldFillsPerMinute: 10,
  envelope: 'message',
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
