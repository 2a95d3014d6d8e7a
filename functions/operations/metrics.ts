import type { Job } from '#shared/declare/job.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { durationStatistics } from '#shared/domain/records/run-statistics.ts'
import { jsonResponse } from './answer.ts'
import { isoOrNull } from './instant.ts'
import { jobOfPath } from './named.ts'
import type { OperationContext, OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'

/** The documented figures of every job, by its id. */
export const listMetrics: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const all = await Promise.all(call.system.jobs.map(async (job) => [job.id, await jobMetrics(job, call)]))
  return jsonResponse(200, Object.fromEntries(all))
}

/** The documented figures of one job. */
export const showMetrics: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  return jsonResponse(200, await jobMetrics(job, call))
}

/** What a job's runs of the whole plan add up to, skipped ones left out: totals since the first, durations of the last. */
export function usageView({ statistics }: JobState) {
  const { runs = 0, failed = 0, durationMs = 0 } = statistics?.total ?? {}
  const { p95Ms } = durationStatistics(statistics)
  return {
    runs,
    failed,
    success_ratio: runs === 0 ? null : (runs - failed) / runs,
    average_seconds: runs === 0 ? null : durationMs / runs / 1_000,
    p95_seconds: p95Ms === null ? null : p95Ms / 1_000,
  }
}

/** In the documented words a run that lost more than half of its keys has failed. */
async function jobMetrics(job: Job, { ports }: OperationContext) {
  const { statistics, lastRun } = await ports.store.states.get(job.id)
  const { runs = 0, failed = 0, mostlyFailed = 0, durationMs = 0 } = statistics?.total ?? {}
  return {
    total_executions: runs,
    successful_executions: runs - failed - mostlyFailed,
    failed_executions: failed + mostlyFailed,
    total_duration: durationMs / 1_000,
    average_duration: runs === 0 ? 0 : durationMs / runs / 1_000,
    last_execution: isoOrNull(lastRun?.endedAt),
  }
}
