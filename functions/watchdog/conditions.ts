import type { Job } from '#shared/declare/job.ts'
import { longestGap } from '#shared/declare/occurrences.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import type { JobState, WatchHour, WatchState } from '#shared/domain/records/job-state.ts'
import {
  lastHours,
  longestRecentMs,
  repeatedFailedShare,
  retriesInLastHour,
  runsInLastDay,
} from '#shared/domain/records/run-statistics.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { isBlocked } from './watch-state.ts'

/** Below it, one failure more or less decides. */
const MIN_RUNS = 10
/** Of the runs of a day that were not skipped. */
const MIN_SUCCESS_RATIO = 0.9
const MAX_RETRIES_PER_HOUR = 10
/** Of a run's deadline. */
const MAX_DEADLINE_SHARE = 0.8
/** Of the keys of a run, twice in a row. */
const MAX_FAILED_KEYS_SHARE = 0.2

const EMPTY_HOUR: WatchHour = [0, 0, 0]

/** A condition that a job is in: the figure that was judged, and the one that it is held against. */
export interface Breach {
  readonly condition: Condition
  readonly value: number
  readonly limit: number
}

interface JobRecords {
  readonly state: JobState
  readonly watched: WatchState
  /** Of all its providers. */
  readonly upstreams: readonly UpstreamState[]
}

/**
 * What is wrong with a job beside late data and failures in a row. What happens once, like a tick that is missed,
 * stands for an hour and until it is made good, so that an outage is one breach and not one a tick. Pure.
 *
 * @param before - the conditions that it was in at the last look
 */
export function breaches(
  job: Job,
  seen: JobRecords,
  before: readonly Condition[],
  now: number,
): readonly Breach[] {
  const { statistics } = seen.state
  const longest = longestRecentMs(statistics, now)
  const retries = retriesInLastHour(statistics, now)
  const mostMs = MAX_DEADLINE_SHARE * job.run.deadlineMs
  const lost = lossesOfDay(seen.watched, now)
  const lostShare = repeatedFailedShare(statistics)
  const found: readonly (Breach | undefined | false)[] = [
    hasMissedTicks(seen, now) && { condition: 'missed-ticks', value: lost.missed, limit: 0 },
    hasAbandonedRuns(seen, now) && { condition: 'abandoned-runs', value: lost.abandoned, limit: 0 },
    successBreach(statistics, lost, now),
    retries > MAX_RETRIES_PER_HOUR && { condition: 'retries', value: retries, limit: MAX_RETRIES_PER_HOUR },
    longest > mostMs && { condition: 'slow-runs', value: longest, limit: mostMs },
    lostShare > MAX_FAILED_KEYS_SHARE && {
      condition: 'many-keys-failed',
      value: lostShare,
      limit: MAX_FAILED_KEYS_SHARE,
    },
    freshnessBreach(job, lost.staleMs),
    isKeyRefused(seen) && { condition: 'key-refused', value: 1, limit: 0 },
    coolDownBreach(job, seen, before, now),
    isRecent(seen.watched.taskFailedAt, now) && { condition: 'failed-tasks', value: 1, limit: 0 },
    isRecent(seen.watched.taskTimedOutAt, now) && { condition: 'timed-out-tasks', value: 1, limit: 0 },
  ]
  return found.filter((one) => one !== undefined && one !== false)
}

/** It is made good when a tick after it was accounted for, or has succeeded. */
function hasMissedTicks({ state, watched: { missed, checkedUntil } }: JobRecords, now: number): boolean {
  if (!missed) return false
  const isMade = checkedUntil > missed.tick || (state.lastTick ?? 0) > missed.tick
  return !isMade || now - missed.at < HOUR_MS
}

function hasAbandonedRuns({ state, watched: { abandonedAt } }: JobRecords, now: number): boolean {
  if (abandonedAt === undefined) return false
  return (state.lastSuccessAt ?? 0) < abandonedAt || now - abandonedAt < HOUR_MS
}

/** A task is somebody's own: a later one that ends well makes nothing good. */
function isRecent(at: number | undefined, now: number): boolean {
  return at !== undefined && now - at < HOUR_MS
}

function successBreach(
  figures: JobState['statistics'],
  { missed, abandoned }: ReturnType<typeof lossesOfDay>,
  now: number,
): Breach | undefined {
  const ended = runsInLastDay(figures, now)
  const runs = ended.runs + missed + abandoned
  const value = (ended.runs - ended.failed) / runs
  if (runs < MIN_RUNS || value >= MIN_SUCCESS_RATIO) return undefined
  return { condition: 'success-ratio', value, limit: MIN_SUCCESS_RATIO }
}

function freshnessBreach(job: Job, staleMs: number): Breach | undefined {
  const schedule = clockOf(job.schedule)
  if (staleMs === 0 || !schedule) return undefined
  const value = 1 - staleMs / DAY_MS
  const limit = expectedFreshness({ ...job, schedule }, MIN_SUCCESS_RATIO)
  return value < limit ? { condition: 'freshness', value, limit } : undefined
}

function isKeyRefused({ state, upstreams }: JobRecords): boolean {
  return upstreams.some(({ coolDown }) => coolDown?.reason === 'auth') || state.lastRun?.reason === 'auth'
}

/** Judged while all of the job's upstreams are left alone; between two waits it stays as it was. */
function coolDownBreach(
  { coolingBeforeAlarmMs: limit }: Job,
  { watched, upstreams }: JobRecords,
  before: readonly Condition[],
  now: number,
): Breach | undefined {
  const { coolingSince } = watched
  if (coolingSince === undefined) return undefined
  const value = now - coolingSince
  const areBarred = upstreams.every((upstream) => isBlocked(upstream, now))
  const isJudged = areBarred ? value >= limit : before.includes('upstream-cooling')
  return isJudged ? { condition: 'upstream-cooling', value, limit } : undefined
}

/** What the watchdog has counted in the last 24 clock hours. */
function lossesOfDay({ hours }: WatchState, now: number) {
  const rows = lastHours(hours, now, EMPTY_HOUR)
  const sum = (column: 0 | 1 | 2) => rows.reduce((total, row) => total + row[column], 0)
  return { missed: sum(0), abandoned: sum(1), staleMs: sum(2) }
}

/** Any moment: a year from it holds every change of clocks. */
const SAMPLE_START = Date.UTC(2026, 0, 1)

/** Looking through a year takes a while, and a schedule does not change while a process lives. */
const longestGaps = new Map<string, number>()

/**
 * The share of time in which a job's data are fresh when that share of its ticks succeeds, each by its own luck: what
 * its interval and `freshFor` give.
 *
 * After a success data are fresh for x intervals, and the next success comes after n with probability p (1-p)^(n-1).
 * The expected stale part of the time between two successes is p q^m (m + 1/p - x), with m = floor(x) and q = 1-p.
 *
 * @param success - p, above 0 and at most 1
 * @returns 0..1; 0 for a schedule that does not fire twice in a year
 */
export function expectedFreshness(
  { schedule, freshness }: Pick<Job, 'freshness'> & { readonly schedule: Schedule },
  success: number,
): number {
  const intervals = freshness.freshForMs / longestInterval(schedule)
  const whole = Math.floor(intervals)
  return 1 - success * (1 - success) ** whole * (whole + 1 / success - intervals)
}

function longestInterval(schedule: Schedule): number {
  const name = `${schedule.expression} ${schedule.zone}`
  const known = longestGaps.get(name) ?? longestGap(schedule, SAMPLE_START)
  longestGaps.set(name, known)
  return known
}
