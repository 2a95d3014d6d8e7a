import { defineJob } from '#shared/declare/job.ts'
import type { JobSpec } from '#shared/declare/job-spec.ts'
import { every } from '#shared/declare/schedule.ts'
import type { SettingsTable } from '#shared/declare/settings.ts'

/** A declaration as small as it can be, with what a test changes: one reading an hour, kept for a day. */
export function tinyJob(changes: Partial<JobSpec<SettingsTable>> = {}) {
  const id = changes.id ?? 'tiny'
  return defineJob<SettingsTable>({
    id,
    title: 'A tiny job',
    priority: 'P2',
    settings: {},
    schedule: every('1 hour', { offset: '17 minutes' }),
    upstream: 'coingecko',
    freshness: { freshFor: '2 hours', serveStaleFor: '12 hours', keepFor: '1 day' },
    run: { mode: 'plain', deadline: '30 seconds' },
    stored: 'items',
    envelope: 'plain',
    reads: [
      {
        path: `/v1/${id}`,
        about: 'What the tiny job stores',
        key: 'only',
        access: 'public',
        effect: 'read',
        cold: 'refuse',
      },
    ],
    ...changes,
  })
}
