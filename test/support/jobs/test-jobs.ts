import type { JobModule } from '#infra/estimates/job-modules.ts'
import { defineJob, type Job } from '#shared/declare/job.ts'
import type { JobSpec } from '#shared/declare/job-spec.ts'
import { clockOf, every, type Schedule } from '#shared/declare/schedule.ts'
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
        key: changes.stored === 'snapshot' ? 'all' : 'only',
        access: 'public',
        effect: 'read',
        cold: 'refuse',
      },
    ],
    ...changes,
  })
}

/** A declaration whose runs are tasks, with what a test changes: chunks of three, two at once. */
export function tinyTaskJob(changes: Partial<JobSpec<SettingsTable>> = {}) {
  return tinyJob({
    id: 'toy-items',
    title: 'A toy task',
    run: { mode: 'task', deadline: '10 minutes', concurrency: 2, chunk: 3 },
    ...changes,
  })
}

/** The clock of a job that a test expects to have one. */
export function scheduleOf({ schedule }: Pick<Job, 'schedule'>): Schedule {
  const clock = clockOf(schedule)
  if (clock) return clock
  throw new TypeError('expected a job with a schedule, got one that runs on demand')
}

/** What the checks load from a job's folder, with what a test changes: one call to CoinGecko. */
export function jobModule(changes: Partial<JobModule> = {}): JobModule {
  return {
    calls: new Map([['coingecko', { retried: 1, once: 0 }]]),
    requests: 1,
    keys: [],
    laterRequests: 'none',
    schemaPaths: [],
    historyKinds: [],
    views: [],
    operatorViews: [],
    hasSubmission: false,
    mentions: () => true,
    ...changes,
  }
}
