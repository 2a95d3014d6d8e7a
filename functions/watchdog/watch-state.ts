import { defined } from '#shared/domain/defined.ts'
import { DAY_MS, SECOND_MS } from '#shared/domain/duration.ts'
import type { DailyOverdue, WatchHour, WatchState } from '#shared/domain/records/job-state.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { addToHour } from '#shared/domain/records/run-statistics.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { TickAccount } from './ticks.ts'

/** The findings of one pass over a job. */
export interface Observations {
  readonly ticks: TickAccount
  /** Runs that were closed as abandoned. */
  readonly abandoned: readonly Pick<RunRecord, 'key'>[]
  /** The newest failures of tasks. */
  readonly tasks?: TaskFailures
  /** How much of the time since the last pass the data were due and not fresh. */
  readonly staleMs: number
  /** The states of all the job's providers. */
  readonly upstreams: readonly UpstreamState[]
}

const EMPTY_HOUR: WatchHour = [0, 0, 0]

/** The watchdog's state of a job after one more pass. Pure. */
export function nextWatchState(before: WatchState | undefined, pass: Observations, now: number): WatchState {
  const { until: checkedUntil, schedule, missed } = pass.ticks
  const sameSchedule = before?.schedule === schedule ? before : undefined
  const tick = missed.at(-1)
  const lastMissed = tick === undefined ? sameSchedule?.missed : { tick, at: now }
  const abandonedAt = pass.abandoned.length > 0 ? now : before?.abandonedAt
  const hours = addToHours(before?.hours, pass, now)
  const coolingSince = blockedSince(before?.coolingSince, pass.upstreams, now)
  const taskFailedAt = latest(before?.taskFailedAt, pass.tasks?.failedAt)
  const taskTimedOutAt = latest(before?.taskTimedOutAt, pass.tasks?.timedOutAt)
  return {
    checkedUntil,
    schedule,
    days: addToDays(before?.days, pass.staleMs, now),
    ...defined({ hours, missed: lastMissed, abandonedAt, taskFailedAt, taskTimedOutAt, coolingSince }),
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

/** Days that are stored: they are part of the public state, which readers see. */
const DAYS_STORED = 90

/** The days with the overdue time of one more pass. A day without any is written once, when it begins. */
function addToDays(days: DailyOverdue | undefined, staleMs: number, now: number): DailyOverdue {
  const today = Math.floor(now / DAY_MS)
  const newest = Math.max(today, days?.newest ?? today)
  const passed = Math.min(DAYS_STORED, newest - (days?.newest ?? newest))
  const seconds = [...Array.from({ length: passed }, () => 0), ...(days?.seconds ?? [0])]
  const index = newest - today
  const overdue = staleMs / SECOND_MS
  return {
    newest,
    seconds: seconds
      .slice(0, DAYS_STORED)
      .map((value, day) =>
        day === index ? Math.min(DAY_MS / SECOND_MS, Math.round(value + overdue)) : value,
      ),
  }
}

/**
 * Since when all providers of the job are blocked. Between two cool-downs or probes no provider is blocked, but none has
 * answered either: only an accepted response ends the period.
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

/** Whether the upstream may not be called now, for a reason that has no alarm of its own. */
export function isBlocked(upstream: UpstreamState, now: number): boolean {
  if (upstream.breaker.openUntil !== undefined) return true
  return (countedCoolDown(upstream)?.until ?? now) > now
}

/** A refused key has an alarm of its own, and a used-up quota is renewed by itself. */
function countedCoolDown({ coolDown }: UpstreamState) {
  return coolDown?.reason === 'auth' || coolDown?.reason === 'quota-exhausted' ? undefined : coolDown
}

/** When the newest task that failed and the newest that timed out ended, in epoch milliseconds. */
export interface TaskFailures {
  readonly failedAt?: number
  readonly timedOutAt?: number
}

/** The newest failures of tasks. Cancelled and skipped ones have not failed. Pure. */
export function newestTaskFailures(runs: readonly RunRecord[]): TaskFailures {
  const failed = runs.filter(({ task, status }) => task !== undefined && status === 'failed')
  const failedAt = newestEnd(failed.filter(({ reason }) => reason !== 'timeout' && reason !== 'cancelled'))
  const timedOutAt = newestEnd(failed.filter(({ reason }) => reason === 'timeout'))
  return defined({ failedAt, timedOutAt })
}

function newestEnd(runs: readonly RunRecord[]): number | undefined {
  const ends = runs.flatMap(({ endedAt }) => endedAt ?? [])
  return ends.length === 0 ? undefined : Math.max(...ends)
}
