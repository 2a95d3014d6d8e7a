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
import { CHECK_IN_ZONE, LEADERBOARD_TYPES } from '#shared/upstreams/check-ins/vocabulary.ts'

const TYPES = LEADERBOARD_TYPES.join('|')

/** A run refreshes one of the two leaderboards of each project, the next run the other one. */
const RUNS_PER_BOARD = 2

/** The leaderboards of each ongoing check-in project: by days in a row, and by all days. */
export const job = defineJob({
  ...PROJECT_JOB,
  id: 'check-in-leaderboards',
  title: 'Check-in leaderboards',
  settings: {
    ...CHECK_IN_SETTINGS,
    CHECKINS_INTERVAL_LEADERBOARD: seconds(1_800, {
      min: 1_200,
      max: 21_600,
      about:
        'time between runs, each of which refreshes one leaderboard of each project; data are fresh for 2.5 times as long',
    }),
    CHECKINS_LEADERBOARD_MAX_ITEMS: count(100, {
      unit: 'ranks',
      max: 100,
      about: 'largest number of ranks that are stored of a leaderboard',
    }),
  },
  schedule: (s) => every(s.CHECKINS_INTERVAL_LEADERBOARD, { offset: '7 minutes', zone: CHECK_IN_ZONE }),
  freshness: (s) => ({
    ...checkInFreshness((RUNS_PER_BOARD + 0.5) * s.CHECKINS_INTERVAL_LEADERBOARD),
    emptyFor: '60 seconds',
  }),
  run: checkInRun('300 seconds'),
  keys: projectKeys(`leaderboard:(?:${TYPES})`),
  reads: [
    {
      path: '/api/projects/{id}/leaderboard',
      about: 'A leaderboard of one project',
      view: 'leaderboard',
      parameters: { id: PROJECT_ID },
      query: {
        type: { pattern: TYPES, about: `${LEADERBOARD_TYPES.join(' or ')}; continuous by default` },
        limit: { pattern: '[1-9]|[1-9][0-9]|100', about: 'largest number of ranks, 1 to 100; 10 by default' },
      },
      access: 'public',
      effect: 'read',
      cold: 'wait',
      live: { spacing: '60 seconds' },
    },
  ],
  triggerNames: ['checkins_leaderboards'],
})
