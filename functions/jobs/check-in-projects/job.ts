import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { seconds } from '#shared/declare/settings.ts'
import {
  CHECK_IN_JOB,
  checkInFreshness,
  checkInRun,
  PROJECT_ID,
  projectKeys,
} from '#shared/systems/check-ins/declaration.ts'
import { PROJECT_ID_PATTERN } from '#shared/systems/check-ins/keys.ts'
import { CHECK_IN_SETTINGS } from '#shared/upstreams/check-ins/settings.ts'
import { CHECK_IN_SCOPES, CHECK_IN_ZONE } from '#shared/upstreams/check-ins/vocabulary.ts'

const SCOPES = CHECK_IN_SCOPES.join('|')

/** All jobs with data of check-in projects. */
const CHECK_IN_JOBS = [
  'check-in-projects',
  'check-in-stats',
  'check-in-daily-stats',
  'check-in-leaderboards',
  'check-in-topics',
]

/** The check-in projects of a group: the lists by scope, and the details of the ongoing projects. */
export const job = defineJob({
  ...CHECK_IN_JOB,
  id: 'check-in-projects',
  title: 'Check-in projects',
  priority: 'P2',
  settings: {
    ...CHECK_IN_SETTINGS,
    CHECKINS_INTERVAL_PROJECTS: seconds(3_600, {
      min: 1_800,
      max: 43_200,
      about: 'time between refreshes of the lists and details of projects; data are fresh for twice as long',
    }),
  },
  schedule: (s) => every(s.CHECKINS_INTERVAL_PROJECTS, { offset: '17 minutes', zone: CHECK_IN_ZONE }),
  freshness: (s) => ({ ...checkInFreshness(2 * s.CHECKINS_INTERVAL_PROJECTS), emptyFor: '60 seconds' }),
  run: checkInRun('300 seconds'),
  keys: {
    pattern: `[a-z0-9-]{1,20}:projects:list:(?:${SCOPES})|${projectKeys('info').pattern}`,
    about: 'prefix, and a list of projects or the detail of one, separated by colons',
  },
  reads: [
    {
      path: '/api/projects',
      about: 'The projects of one scope; with ids, the details of up to 20 projects',
      view: 'projects',
      query: {
        scope: { pattern: SCOPES, about: `one of ${CHECK_IN_SCOPES.join(', ')}; ongoing by default` },
        ids: {
          pattern: `${PROJECT_ID_PATTERN}(?:,${PROJECT_ID_PATTERN}){0,19}`,
          about: 'in place of scope: up to 20 projects, separated by commas',
        },
      },
      access: 'public',
      effect: 'read',
      cold: 'wait',
      live: { spacing: '30 seconds' },
    },
    {
      path: '/api/health',
      about: 'Whether the API answers, and its version; /health has the state of each job',
      view: 'health',
      uncached: true,
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
    {
      path: '/api/ping',
      about: 'An answer that depends on nothing',
      view: 'ping',
      uncached: true,
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
    {
      path: '/api/projects/{id}',
      about: 'The detail of one project',
      view: 'project',
      parameters: { id: PROJECT_ID },
      access: 'public',
      effect: 'read',
      cold: 'wait',
      live: { spacing: '30 seconds' },
    },
  ],
  aliases: (s) => [
    {
      method: 'DELETE',
      path: '/api/projects/{id}/cache',
      about: 'Marks all data of one project as stale',
      operation: 'clear-cache-prefix',
      id: PROJECT_ID,
      keyPrefix: `${s.CHECKINS_KEY_PREFIX}:project:{id}:`,
      jobs: CHECK_IN_JOBS,
    },
    {
      method: 'GET',
      path: '/api/cache/stats',
      about: 'What is stored of all projects, how often refreshes succeed, and how often reads find data',
      operation: 'show-cache-stats',
      jobs: CHECK_IN_JOBS,
    },
  ],
  triggerNames: ['checkins_projects'],
})
