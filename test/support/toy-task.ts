import type { JobSpec } from '#shared/declare/job-spec.ts'
import type { SettingsTable } from '#shared/declare/settings.ts'
import { tinyJob } from './tiny-job.ts'

/** A declaration whose runs are tasks, with what a test changes: chunks of three, two at once. */
export function tinyTaskJob(changes: Partial<JobSpec<SettingsTable>> = {}) {
  return tinyJob({
    id: 'toy-items',
    title: 'A toy task',
    run: { mode: 'task', deadline: '10 minutes', concurrency: 2, chunk: 3 },
    ...changes,
  })
}
