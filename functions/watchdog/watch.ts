import type { Job } from '#shared/declare/job.ts'
import type { Bus, BusEvent } from '#shared/ports/bus.ts'
import type { Clock } from '#shared/ports/clock.ts'
import type { Log } from '#shared/ports/log.ts'
import type { JobState } from '#shared/ports/records.ts'
import type { Store } from '#shared/ports/store.ts'
import { closeAbandoned } from './abandoned.ts'
import { WATCH_PERIOD_MS } from './schedule.ts'
import { accountForTicks, oweNoTicks } from './ticks.ts'

/** A first run that failed is asked for again after so long, unless the schedule is faster. */
const FIRST_RUN_AGAIN_MS = 15 * 60_000

/** The world as the watchdog sees it. */
export interface WatchPorts {
  readonly store: Pick<Store, 'runs' | 'states' | 'controls'>
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/** What the watchdog found out about one job; the source of its metrics. */
export interface Watched {
  readonly job: string
  /** max(0, now - freshUntil); 0 while paused or nothing is owed. */
  readonly overdueSeconds: number
  readonly consecutiveFailures: number
  readonly missedTicks: number
  readonly abandonedRuns: number
}

/**
 * Looks after one job, independently of its runs: accounts for its ticks, closes abandoned runs, asks for its first
 * run, and says how overdue its data are. Of a job that is off there is nothing to say.
 */
export async function watch(job: Job, ports: WatchPorts): Promise<Watched | undefined> {
  const { store, clock, log } = ports
  const now = clock.now()
  const [state, control] = await Promise.all([store.states.get(job.id), store.controls.get(job.id)])
  if (job.off !== undefined) {
    await oweNoTicks(job, state.watched, store, now)
    return undefined
  }
  const abandoned = await closeAbandoned(job, store, state.watched?.until, now)
  const missedTicks = await accountForTicks(job, state.watched, store, now)
  const paused = control.pause !== undefined && control.pause.until > now
  if (state.lastSuccessAt === undefined && !paused) await askForFirstRun(job, state, ports, now)
  const overdueSeconds = paused ? 0 : overdue(state, now)
  if (overdueSeconds > 0 && overdueSeconds * 1_000 <= WATCH_PERIOD_MS) {
    await say({ type: 'dataset.stale', detail: { job: job.id, overdueSeconds } }, ports)
  }
  if (missedTicks > 0)
    log.warn(`${job.title}: ${missedTicks} ticks were missed`, { job: job.id, missed: missedTicks })
  for (const run of abandoned)
    log.warn(`${job.title}: a run was abandoned`, { job: job.id, run_id: run.id, outcome: run.status })
  const failed = abandoned.filter(({ key }) => key === undefined)
  const consecutiveFailures = state.consecutiveFailures + failed.length
  return { job: job.id, overdueSeconds, consecutiveFailures, missedTicks, abandonedRuns: abandoned.length }
}

function overdue({ freshUntil, missingSince }: JobState, now: number): number {
  const since = freshUntil ?? missingSince
  return since === undefined ? 0 : Math.max(0, Math.floor((now - since) / 1_000))
}

async function askForFirstRun(job: Job, state: JobState, ports: WatchPorts, now: number): Promise<void> {
  const { store } = ports
  if (state.missingSince === undefined) await store.states.noteMissing(job.id, now)
  const busy = state.lease !== undefined && state.lease.until > now
  const tried = state.lastRun !== undefined && now - state.lastRun.endedAt < FIRST_RUN_AGAIN_MS
  if (busy || tried) return
  await say({ type: 'refresh.requested', detail: { job: job.id, cause: 'first-run' } }, ports)
}

/** An event that the bus does not take is logged; a wish for a first run is said again by the next look. */
async function say(event: BusEvent, { bus, log }: WatchPorts): Promise<void> {
  try {
    await bus.publish(event)
  } catch (error) {
    log.error('The bus did not take an event', { event: event.type, job: event.detail.job, error })
  }
}
