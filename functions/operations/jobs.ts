import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule, type Timing } from '#shared/declare/schedule.ts'
import { type Control, effectiveControl } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { durationStatistics } from '#shared/domain/records/run-statistics.ts'
import { jobHealth } from '#shared/read/health.ts'
import { controlView } from './control/control.ts'
import type { OperationContext, OperationHandler } from './http/operation.ts'
import { expectOnlyParameters, isoOrNull, jobOfPath } from './http/request.ts'
import { jsonResponse } from './http/response.ts'
import { dueTicks } from './ticks.ts'

/** Every job, by id. */
export const listJobs: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const jobs = await Promise.all(call.system.jobs.map((job) => loadJobView(job, call)))
  return jsonResponse(200, { version: call.version, jobs })
}

/** One job. */
export const showJob: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  return jsonResponse(200, await loadJobView(job, call))
}

async function loadJobView(job: Job, { request, ports }: OperationContext) {
  const { states, controls } = ports.store
  const [state, control] = await Promise.all([states.get(job.id), controls.get(job.id)])
  return jobView(job, state, effectiveControl(job, control), request.at)
}

/** A job as the API returns it: state, next runs, control, declaration. */
function jobView(job: Job, state: JobState, control: Control, now: number) {
  const { lease } = state
  const { freshForMs, serveStaleForMs, keepForMs } = job.freshness
  const health = jobHealth(job, state, control.pause?.until, now)
  return {
    id: job.id,
    title: job.title,
    priority: job.priority,
    state: health.state,
    off: job.off ?? null,
    overdue_seconds: Math.floor(health.overdueMs / 1_000),
    fresh_until: isoOrNull(state.freshUntil),
    last_success_at: isoOrNull(state.lastSuccessAt),
    consecutive_failures: state.consecutiveFailures,
    is_running: lease !== undefined && lease.until > now,
    last_run: lastRunView(state),
    usage: usageView(state),
    next_runs: nextRuns(job, state, control, now),
    control: controlView(control, now),
    overridable: [...job.overridable, ...Object.keys(job.overridableSettings)],
    schedule: timingView(job.schedule),
    inputs: job.inputs,
    follows: job.follows,
    freshness: {
      fresh_for_seconds: freshForMs / 1_000,
      serve_stale_for_seconds: serveStaleForMs / 1_000,
      keep_for_seconds: keepForMs / 1_000,
    },
    stored: job.stored,
    upstream: job.upstream,
    trigger_names: job.triggerNames,
  }
}

function timingView(timing: Timing): Timing {
  const clock = clockOf(timing)
  return clock ? { expression: clock.expression, zone: clock.zone } : timing
}

function lastRunView({ lastRun }: JobState) {
  if (!lastRun) return null
  return {
    run_id: lastRun.id,
    outcome: lastRun.status,
    reason: lastRun.reason ?? null,
    ended_at: isoOrNull(lastRun.endedAt),
  }
}

const MAX_TICKS = 5

/** The next five ticks of a schedule, each with the reason for which it will be skipped if all earlier ones succeed. */
function nextRuns(job: Job, state: JobState, control: Control, now: number) {
  return dueTicks(job, state, control, { after: now, limit: MAX_TICKS }).map(({ tick, skipped }) => ({
    tick: isoOrNull(tick),
    skipped,
  }))
}

/** The jobs that run on a schedule, in the documented format: not those that are off or run on demand. */
export const listSchedules: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const scheduled = call.system.jobs.flatMap((job) => {
    const clock = job.off === undefined ? clockOf(job.schedule) : undefined
    return clock ? [scheduleView(job, clock, call)] : []
  })
  return jsonResponse(200, { jobs: await Promise.all(scheduled) })
}

async function scheduleView(job: Job, { expression, zone }: Schedule, { request, ports }: OperationContext) {
  const { states, controls } = ports.store
  const [state, stored] = await Promise.all([states.get(job.id), controls.get(job.id)])
  const control = effectiveControl(job, stored)
  const next = nextRuns(job, state, control, request.at).find(({ skipped }) => skipped === null)
  const isPaused = control.pause !== undefined && control.pause.until > request.at
  return {
    id: job.id,
    name: job.title,
    next_run_time: next?.tick ?? null,
    trigger: expression,
    timezone: zone,
    status: isPaused ? 'paused' : 'active',
  }
}

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

/** Statistics of the runs of the whole plan, without skipped ones: totals of all, durations of the latest. */
function usageView({ statistics }: JobState) {
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

/** Statistics as documented: a run in which more than half of the keys failed counts as failed. */
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
