import type { Job } from '#shared/declare/job.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { durationsOf } from '#shared/engine/figures.ts'
import { answer } from './answer.ts'
import { isoOrNull } from './instant.ts'
import { namedJob } from './named.ts'
import type { Call, Operate } from './operation.ts'
import { expectOnly } from './query.ts'

/** The documented figures of every job, by its id. */
export const listMetrics: Operate = async (call) => {
  expectOnly(call.request.query, [])
  const all = await Promise.all(call.system.jobs.map(async (job) => [job.id, await metrics(job, call)]))
  return answer(200, Object.fromEntries(all))
}

/** The documented figures of one job. */
export const showMetrics: Operate = async (call) => {
  const job = namedJob(call)
  expectOnly(call.request.query, [])
  return answer(200, await metrics(job, call))
}

/** What a job's runs of the whole plan add up to, skipped ones left out: totals since the first, durations of the last. */
export function usageOf({ figures }: JobState) {
  const { runs = 0, failed = 0, durationMs = 0 } = figures?.total ?? {}
  const { p95Ms } = durationsOf(figures)
  return {
    runs,
    failed,
    success_ratio: runs === 0 ? null : (runs - failed) / runs,
    average_seconds: runs === 0 ? null : durationMs / runs / 1_000,
    p95_seconds: p95Ms === null ? null : p95Ms / 1_000,
  }
}

/** In the documented words a run that lost more than half of its keys has failed. */
async function metrics(job: Job, { ports }: Call) {
  const { figures, lastRun } = await ports.store.states.get(job.id)
  const { runs = 0, failed = 0, mostlyFailed = 0, durationMs = 0 } = figures?.total ?? {}
  return {
    total_executions: runs,
    successful_executions: runs - failed - mostlyFailed,
    failed_executions: failed + mostlyFailed,
    total_duration: durationMs / 1_000,
    average_duration: runs === 0 ? 0 : durationMs / runs / 1_000,
    last_execution: isoOrNull(lastRun?.endedAt),
  }
}
