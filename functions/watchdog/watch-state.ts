import type { WatchHour, WatchState } from '#shared/domain/records/job-state.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { addToHour } from '#shared/domain/records/run-statistics.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { TickAccount } from './ticks.ts'

/** What one look has found. */
export interface Observations {
  readonly ticks: TickAccount
  /** Runs that were given up. */
  readonly abandoned: readonly Pick<RunRecord, 'key'>[]
  /** When the newest task of those that failed, and of those that timed out, has ended. */
  readonly tasks?: TaskFailures
  /** How long of the time since the last look the data were owed and not fresh. */
  readonly staleMs: number
  /** Of all the job's providers. */
  readonly upstreams: readonly UpstreamState[]
}

const EMPTY_HOUR: WatchHour = [0, 0, 0]

/** What the watchdog has seen of a job, with what this look has found. Pure. */
export function nextWatchRecord(
  before: WatchState | undefined,
  found: Observations,
  now: number,
): WatchState {
  const { until: checkedUntil, schedule, missed } = found.ticks
  const sameSchedule = before?.schedule === schedule ? before : undefined
  const tick = missed.at(-1)
  const lastMissed = tick === undefined ? sameSchedule?.missed : { tick, at: now }
  const abandonedAt = found.abandoned.length > 0 ? now : before?.abandonedAt
  const hours = addToHours(before?.hours, found, now)
  const coolingSince = blockedSince(before?.coolingSince, found.upstreams, now)
  const taskFailedAt = latest(before?.taskFailedAt, found.tasks?.failedAt)
  const taskTimedOutAt = latest(before?.taskTimedOutAt, found.tasks?.timedOutAt)
  return {
    checkedUntil,
    schedule,
    ...(hours === undefined ? {} : { hours }),
    ...(lastMissed === undefined ? {} : { missed: lastMissed }),
    ...(abandonedAt === undefined ? {} : { abandonedAt }),
    ...(taskFailedAt === undefined ? {} : { taskFailedAt }),
    ...(taskTimedOutAt === undefined ? {} : { taskTimedOutAt }),
    ...(coolingSince === undefined ? {} : { coolingSince }),
  }
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}

function addToHours(
  hours: WatchState['hours'],
  { ticks: accounted, abandoned, staleMs }: Observations,
  now: number,
): WatchState['hours'] {
  const missed = accounted.missed.length
  const lost = abandoned.filter(({ key }) => key === undefined).length
  if (missed + lost + staleMs === 0) return hours
  return addToHour(hours, now, EMPTY_HOUR, ([ticks, runs, ms]) => [ticks + missed, runs + lost, ms + staleMs])
}

/**
 * Since when there is none to ask: one provider that may be called is enough. Between two probes or waits nobody is
 * barred, but nothing was served either: only an answer ends it.
 */
function blockedSince(
  since: number | undefined,
  upstreams: readonly UpstreamState[],
  now: number,
): number | undefined {
  if (upstreams.every((upstream) => isBlocked(upstream, now))) return since ?? now
  return upstreams.every((upstream) => isBlocked(upstream, now) || countedCoolDown(upstream))
    ? since
    : undefined
}

/** Whether nobody may call the upstream right now, for a reason that an operator does not know by another name. */
export function isBlocked(upstream: UpstreamState, now: number): boolean {
  if (upstream.breaker.openUntil !== undefined) return true
  return (countedCoolDown(upstream)?.until ?? now) > now
}

/** A refused key has an alarm of its own, and an allowance that is used up comes back by itself. */
function countedCoolDown({ coolDown }: UpstreamState) {
  return coolDown?.reason === 'auth' || coolDown?.reason === 'quota-exhausted' ? undefined : coolDown
}

/** When the newest task of those that failed, and of those that timed out, has ended. Milliseconds since the epoch. */
export interface TaskFailures {
  readonly failedAt?: number
  readonly timedOutAt?: number
}

/** How tasks have ended badly. What was cancelled or left out has not failed. Pure. */
export function newestTaskFailures(runs: readonly RunRecord[]): TaskFailures {
  const failed = runs.filter(({ task, status }) => task !== undefined && status === 'failed')
  const failedAt = newestEnd(failed.filter(({ reason }) => reason !== 'timeout' && reason !== 'cancelled'))
  const timedOutAt = newestEnd(failed.filter(({ reason }) => reason === 'timeout'))
  return {
    ...(failedAt === undefined ? {} : { failedAt }),
    ...(timedOutAt === undefined ? {} : { timedOutAt }),
  }
}

function newestEnd(runs: readonly RunRecord[]): number | undefined {
  const ends = runs.flatMap(({ endedAt }) => endedAt ?? [])
  return ends.length === 0 ? undefined : Math.max(...ends)
}
