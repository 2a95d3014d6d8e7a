import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { count, seconds } from '#shared/declare/settings.ts'
import {
  checkInFreshness,
  checkInRun,
  PROJECT_ID,
  PROJECT_JOB,
  projectKeys,
} from '#shared/systems/check-ins/declaration.ts'
import { CHECK_IN_SETTINGS } from '#shared/upstreams/check-ins/settings.ts'
import { CHECK_IN_ZONE } from '#shared/upstreams/check-ins/vocabulary.ts'

/** The latest topics of each ongoing check-in project. */
export const job = defineJob({
  ...PROJECT_JOB,
  id: 'check-in-topics',
  title: 'Check-in topics',
  settings: {
    ...CHECK_IN_SETTINGS,
    CHECKINS_INTERVAL_TOPICS: seconds(300, {
      min: 180,
      max: 43_200,
      about: 'time between refreshes of the latest topics; data are fresh for twice as long',
    }),
    CHECKINS_TOPICS_MAX_ITEMS: count(20, {
      unit: 'topics',
      max: 20,
      about: 'number of topics that are requested and stored of a project',
    }),
  },
  schedule: (s) => every(s.CHECKINS_INTERVAL_TOPICS, { zone: CHECK_IN_ZONE }),
  freshness: (s) => ({ ...checkInFreshness(2 * s.CHECKINS_INTERVAL_TOPICS), emptyFor: '60 seconds' }),
  run: checkInRun('120 seconds'),
  keys: projectKeys('topics'),
  reads: [
    {
      path: '/api/projects/{id}/topics',
      about: 'The latest topics of one project',
      view: 'topics',
      parameters: { id: PROJECT_ID },
      query: {
        count: {
          pattern: '[1-9]|[1-9][0-9]|100',
          about: 'largest number of topics, 1 to 100; 20 by default, and 20 are stored',
        },
      },
      access: 'public',
      effect: 'read',
      cold: 'wait',
      live: { spacing: '30 seconds' },
    },
  ],
  triggerNames: ['checkins_topics'],
})
