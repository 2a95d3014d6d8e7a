import type { Job } from '#shared/declare/job.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import type { AlarmSpec } from './alarm-spec.ts'
import { jobAlarms } from './job-alarms.ts'
import { stageAlarms } from './stage-alarms.ts'

/** All alarms of a stage, derived from what is declared: two for each job that runs, one per other condition. */
export function alarmsOf(stage: string, jobs: readonly Job[]): AlarmSpec[] {
  const active = activeJobs(jobs)
  return [...active.flatMap((job) => jobAlarms(stage, job)), ...stageAlarms(stage, conditionsOf(active))]
}

/** Jobs that run: the others have no schedule, no alarm and no row on the dashboards. */
export function activeJobs(jobs: readonly Job[]): Job[] {
  return jobs.filter(({ off }) => off === undefined)
}
