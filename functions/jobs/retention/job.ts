import { defineJob } from '#shared/declare/job.ts'
import { daily } from '#shared/declare/schedule.ts'
import { SCHEDULER_SETTINGS } from '#shared/systems/common/settings.ts'

/** Deletes the history rows of all jobs that are older than their retention, and counts what is stored. */
export const job = defineJob({
  id: 'retention',
  title: 'Retention',
  priority: 'P2',
  settings: SCHEDULER_SETTINGS,
  off: (s) => (s.ENABLE_SCHEDULER ? undefined : 'ENABLE_SCHEDULER is false'),
  // after the fundamentals, and not between 2 and 3, an hour that one day of the year does not have
  schedule: daily('04:30', 'America/New_York'),
  retains: 'history',
  // on the day on which the clock is put back an interval has 25 hours
  freshness: { freshFor: '26 hours', serveStaleFor: '7 days', keepFor: '30 days' },
  run: { mode: 'plain', deadline: '300 seconds' },
  stored: 'items',
  envelope: 'plain',
  reads: [
    {
      path: '/api/v1/admin/retention',
      about: 'The report of the last deletion of old data: what was deleted, and what is stored, by dataset',
      key: 'report',
      view: 'report',
      access: 'operator',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  triggerNames: ['cleanup_data', 'cleanup'],
  failuresBeforeAlarm: 5,
})
