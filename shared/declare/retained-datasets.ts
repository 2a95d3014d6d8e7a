import type { RetainedDataset } from '#shared/domain/records/retention.ts'
import type { Job } from './job.ts'

/** The datasets that retention counts and clears: of all jobs that store items or history, also of those that are off. */
export function retainedDatasets(jobs: readonly Job[]): readonly RetainedDataset[] {
  return jobs
    .map(({ id, stored, history }) => ({ job: id, hasItems: stored === 'items', history }))
    .filter(({ hasItems, history }) => hasItems || Object.keys(history).length > 0)
}
