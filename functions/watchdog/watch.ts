import { isDeepStrictEqual } from 'node:util'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { FIRST_RUN_RETRY_MS, WATCH_PERIOD_MS } from '#shared/declare/watchdog.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import { defined } from '#shared/domain/defined.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { type Control, effectiveControl, publicControl } from '#shared/domain/records/control.ts'
import type { JobState, WatchState } from '#shared/domain/records/job-state.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { jobHealth } from '#shared/read/health.ts'
import { closeAbandonedRuns } from './abandoned-runs.ts'
import { breaches } from './conditions.ts'
import { publish, reportConditions, reportLostRuns, type WatchPorts } from './report.ts'
import { accountForTicks, recordJobOff } from './ticks.ts'
import { newestTaskFailures, nextWatchState } from './watch-state.ts'

/** The result of one pass over one job; the source of its metrics. */
export interface WatchResult {
  readonly job: string
  readonly priority: Job['priority']
  /** max(0, now - freshUntil); 0 while paused or nothing is due. Absent for a job that runs on demand. */
  readonly overdueSeconds?: number
  readonly consecutiveFailures: number
  readonly missedTicks: number
  readonly abandonedRuns: number
  /** Its conditions; none while it is paused. */
  readonly conditions: readonly Condition[]
}

/** What one pass reads of a job. */
interface JobStatus {
  readonly state: JobState
  readonly control: Control
  readonly upstreams: readonly UpstreamState[]
}

/**
 * Checks one job, independently of its runs: accounts for its ticks, closes runs whose owner is gone, requests its first
 * run, measures how overdue its data are and judges its conditions. A job that is off has no result.
 */
export async function watchJob(job: Job, ports: WatchPorts): Promise<WatchResult | undefined> {
  const { store, clock } = ports
  const now = clock.now()
  const status = await readStatus(job, store)
  const { state, control, upstreams } = status
  if (job.off !== undefined) {
    await recordJobOff(job, state.watchState, store, now)
    return undefined
  }
  const { closed, runs } = await closeAbandonedRuns(job, store, state.watchState?.checkedUntil, now)
  const abandoned = closed.filter((run) => run.status === 'abandoned')
  const ticks = await accountForTicks(job, state.watchState, store, now)
  const overdueMs = await checkFreshness(job, status, ports, now)
  await reportLostRuns(job, ticks.missed, closed, ports)
  const staleMs = Math.min(overdueMs, WATCH_PERIOD_MS)
  const failures = state.consecutiveFailures + closed.filter(({ key }) => key === undefined).length
  const pass = { ticks, abandoned, tasks: newestTaskFailures(runs), staleMs, upstreams }
  const watchState = nextWatchState(state.watchState, pass, now)
  const conditions = await updateWatchState(job, status, { watchState, overdueMs, failures }, ports, now)
  await publishControlState(job, state, control, ports)
  return {
    job: job.id,
    priority: job.priority,
    ...defined({ overdueSeconds: hasSchedule(job) ? Math.floor(overdueMs / SECOND_MS) : undefined }),
    consecutiveFailures: failures,
    missedTicks: ticks.missed.length,
    abandonedRuns: abandoned.length,
    conditions,
  }
}

async function readStatus(job: Job, store: WatchPorts['store']): Promise<JobStatus> {
  const [state, control, upstreams] = await Promise.all([
    store.states.get(job.id),
    store.controls.get(job.id),
    Promise.all(job.upstreams.map((name) => store.upstreams.get(name))),
  ])
  return { state, control, upstreams }
}

function hasSchedule(job: Job): boolean {
  return clockOf(job.schedule) !== undefined
}

/** Requests the first run of a job that never published; publishes when its data become stale. */
async function checkFreshness(
  job: Job,
  { state, control }: JobStatus,
  ports: WatchPorts,
  now: number,
): Promise<number> {
  const { pause } = effectiveControl(job, control)
  const isPaused = pause !== undefined && pause.until > now
  if (hasSchedule(job) && state.lastSuccessAt === undefined && !isPaused)
    await requestFirstRun(job, state, ports, now)
  const { overdueMs } = jobHealth(job, state, pause?.until, now)
  const overdueSeconds = Math.floor(overdueMs / SECOND_MS)
  if (overdueSeconds > 0 && overdueSeconds * SECOND_MS <= WATCH_PERIOD_MS)
    await publish({ type: 'dataset.stale', detail: { job: job.id, overdueSeconds } }, ports)
  return overdueMs
}

/** Judges the conditions, reports which of them changed, and stores the new state when it differs. */
async function updateWatchState(
  job: Job,
  { state, control, upstreams }: JobStatus,
  observed: { readonly watchState: WatchState; readonly overdueMs: number; readonly failures: number },
  ports: WatchPorts,
  now: number,
): Promise<readonly Condition[]> {
  const { pause } = effectiveControl(job, control)
  const before = state.watchState?.conditions ?? []
  const isPaused = pause !== undefined && pause.until > now
  const current = isPaused ? [] : breaches(job, { state, upstreams, ...observed }, before, now)
  await reportConditions(job, before, current, ports)
  const conditions = current.map(({ condition }) => condition)
  const next: WatchState = { ...observed.watchState, ...(conditions.length > 0 ? { conditions } : {}) }
  if (!isDeepStrictEqual(next, state.watchState)) await ports.store.states.setWatchState(job.id, next)
  return conditions
}

/** The operations function publishes control changes; this repairs a write that it missed. */
async function publishControlState(job: Job, state: JobState, control: Control, { store }: WatchPorts) {
  if (control.revision === (state.control?.revision ?? 0)) return
  await store.states.setPublicControl(job.id, publicControl(control))
}

async function requestFirstRun(job: Job, state: JobState, ports: WatchPorts, now: number): Promise<void> {
  const { store } = ports
  if (state.missingSince === undefined) await store.states.setMissingSince(job.id, now)
  const isRunning = state.lease !== undefined && state.lease.until > now
  const wasTried = state.lastRun !== undefined && now - state.lastRun.endedAt < FIRST_RUN_RETRY_MS
  if (isRunning || wasTried) return
  await publish({ type: 'refresh.requested', detail: { job: job.id, cause: 'first-run' } }, ports)
}
