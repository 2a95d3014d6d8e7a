import type { Job } from '#shared/declare/job.ts'
import type { Control } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { jobHealth } from '#shared/read/health.ts'
import { controlView } from './control-view.ts'
import { isoOrNull } from './instant.ts'
import { usageView } from './metrics.ts'
import { nextRuns } from './next-runs.ts'

/** A job as operators see it: how it stands, what comes next, what was decided, what is declared. */
export function jobView(job: Job, state: JobState, control: Control, now: number) {
  const { lastRun, lease } = state
  const { freshForMs, serveStaleForMs, keepForMs } = job.freshness
  const standing = jobHealth(job, state, control.pause?.until, now)
  return {
    id: job.id,
    title: job.title,
    priority: job.priority,
    state: standing.state,
    off: job.off ?? null,
    overdue_seconds: Math.floor(standing.overdueMs / 1_000),
    fresh_until: isoOrNull(state.freshUntil),
    last_success_at: isoOrNull(state.lastSuccessAt),
    consecutive_failures: state.consecutiveFailures,
    is_running: lease !== undefined && lease.until > now,
    last_run: lastRun
      ? {
          run_id: lastRun.id,
          outcome: lastRun.status,
          reason: lastRun.reason ?? null,
          ended_at: isoOrNull(lastRun.endedAt),
        }
      : null,
    usage: usageView(state),
    next_runs: nextRuns(job, state, control, now),
    control: controlView(control, now),
    overridable: [...job.overridable, ...Object.keys(job.overridableSettings)],
    schedule: job.schedule,
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
