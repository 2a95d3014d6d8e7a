import { isDeepStrictEqual } from 'node:util'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import { type Control, effectiveControl, publicControl } from '#shared/domain/records/control.ts'
import type { JobState, WatchState } from '#shared/domain/records/job-state.ts'
import { jobHealth } from '#shared/read/health.ts'
import { closeAbandonedRuns } from './abandoned-runs.ts'
import { breaches } from './conditions.ts'
import { publish, reportConditions, reportLostRuns, type WatchPorts } from './report.ts'
import { WATCH_PERIOD_MS } from './schedule.ts'
import { accountForTicks, noteJobOff } from './ticks.ts'
import { newestTaskFailures, nextWatchRecord } from './watch-state.ts'

/** A first run that failed is asked for again after so long, unless the schedule is faster. */
const FIRST_RUN_RETRY_MS = 15 * 60_000

/** What the watchdog found out about one job; the source of its metrics. */
export interface WatchResult {
  readonly job: string
  /** max(0, now - freshUntil); 0 while paused or nothing is owed. Absent of a job that never owes anything. */
  readonly overdueSeconds?: number
  readonly consecutiveFailures: number
  readonly missedTicks: number
  readonly abandonedRuns: number
  /** What else is wrong with it; nothing while it is paused. */
  readonly conditions: readonly Condition[]
}

/**
 * Looks after one job, independently of its runs: accounts for its ticks, closes runs whose owner is gone, asks for its first
 * run, says how overdue its data are and which conditions it is in. Of a job that is off there is nothing to say.
 */
export async function watchJob(job: Job, ports: WatchPorts): Promise<WatchResult | undefined> {
  const { store, clock } = ports
  const now = clock.now()
  const [state, control, upstreams] = await Promise.all([
    store.states.get(job.id),
    store.controls.get(job.id),
    Promise.all(job.upstreams.map((name) => store.upstreams.get(name))),
  ])
  if (job.off !== undefined) {
    await noteJobOff(job, state.watchState, store, now)
    return undefined
  }
  const { closed, runs } = await closeAbandonedRuns(job, store, state.watchState?.checkedUntil, now)
  const abandoned = closed.filter(({ status }) => status === 'abandoned')
  const ticks = await accountForTicks(job, state.watchState, store, now)
  const { pause } = effectiveControl(job, control)
  const paused = pause !== undefined && pause.until > now
  const isOwed = clockOf(job.schedule) !== undefined
  if (isOwed && state.lastSuccessAt === undefined && !paused) await requestFirstRun(job, state, ports, now)
  const { overdueMs } = jobHealth(job, state, pause?.until, now)
  const overdueSeconds = Math.floor(overdueMs / 1_000)
  if (overdueSeconds > 0 && overdueSeconds * 1_000 <= WATCH_PERIOD_MS) {
    await publish({ type: 'dataset.stale', detail: { job: job.id, overdueSeconds } }, ports)
  }
  await reportLostRuns(job, ticks.missed, closed, ports)
  const staleMs = Math.min(overdueMs, WATCH_PERIOD_MS)
  const watched = nextWatchRecord(
    state.watchState,
    { ticks, abandoned, tasks: newestTaskFailures(runs), staleMs, upstreams },
    now,
  )
  const before = state.watchState?.conditions ?? []
  const found = paused ? [] : breaches(job, { state, watched, upstreams }, before, now)
  await reportConditions(job, before, found, ports)
  const conditions = found.map(({ condition }) => condition)
  const seen: WatchState = { ...watched, ...(conditions.length > 0 ? { conditions } : {}) }
  if (!isDeepStrictEqual(seen, state.watchState)) await store.states.setWatchState(job.id, seen)
  await publishControlState(job, state, control, ports)
  return {
    job: job.id,
    ...(isOwed ? { overdueSeconds } : {}),
    consecutiveFailures: state.consecutiveFailures + closed.filter(({ key }) => key === undefined).length,
    missedTicks: ticks.missed.length,
    abandonedRuns: abandoned.length,
    conditions,
  }
}

/** Operators tell it themselves; what they could not tell is made up for. */
async function publishControlState(job: Job, state: JobState, control: Control, { store }: WatchPorts) {
  if (control.revision === (state.control?.revision ?? 0)) return
  await store.states.setPublicControl(job.id, publicControl(control))
}

async function requestFirstRun(job: Job, state: JobState, ports: WatchPorts, now: number): Promise<void> {
  const { store } = ports
  if (state.missingSince === undefined) await store.states.setMissingSince(job.id, now)
  const busy = state.lease !== undefined && state.lease.until > now
  const tried = state.lastRun !== undefined && now - state.lastRun.endedAt < FIRST_RUN_RETRY_MS
  if (busy || tried) return
  await publish({ type: 'refresh.requested', detail: { job: job.id, cause: 'first-run' } }, ports)
}
