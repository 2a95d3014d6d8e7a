import { longestInterval, overdueLimitMs } from '#shared/declare/alarm-limits.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import type { JobState, WatchHour, WatchState } from '#shared/domain/records/job-state.ts'
import {
  lastHours,
  longestRecentMs,
  repeatedFailedShare,
  responsesInLastHour,
  retriesInLastHour,
  runsInLastDay,
} from '#shared/domain/records/run-statistics.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { isBlocked } from './watch-state.ts'

/** With fewer runs a day, a single failure would decide. */
const MIN_RUNS = 10
/** Of the runs of a day that were not skipped. */
const MIN_SUCCESS_RATIO = 0.9
const MAX_RETRIES_PER_HOUR = 10
/** Of the attempts of an hour: above it, the 95th percentile of the response times is slow. */
const MAX_SLOW_RESPONSES_SHARE = 0.05
/** With fewer slow responses in an hour, chance would decide. */
const MIN_SLOW_RESPONSES = 3
/** Of a run's deadline. */
const MAX_DEADLINE_SHARE = 0.8
/** Of the keys of a run, twice in a row. */
const MAX_FAILED_KEYS_SHARE = 0.2
/** Of the attempts of an hour. */
const MAX_REFUSED_SHARE = 0.5
/** With fewer refusals in an hour, chance would decide. */
const MIN_REFUSED = 3

const EMPTY_HOUR: WatchHour = [0, 0, 0]

/** A condition that a job is in: the measured value and its limit. */
export interface Breach {
  readonly condition: Condition
  readonly value: number
  readonly limit: number
}

/** What a job's conditions are judged by. */
interface JobRecords {
  readonly state: JobState
  /** How long its data have been overdue; 0 while they are not. */
  readonly overdueMs: number
  /** Failures in a row, those that this pass has recorded included. */
  readonly failures: number
  readonly watchState: WatchState
  /** The states of all its providers. */
  readonly upstreams: readonly UpstreamState[]
}

/**
 * The conditions that a job is in. A single event, such as a missed tick, is a
 * condition for an hour and until a later tick made up for it, so that an outage is one breach and not one a tick. Pure.
 *
 * @param before - the conditions of the last pass
 */
export function breaches(
  job: Job,
  records: JobRecords,
  before: readonly Condition[],
  now: number,
): readonly Breach[] {
  const { statistics } = records.state
  const longestMs = longestRecentMs(statistics, now)
  const retries = retriesInLastHour(statistics, now)
  const maxMs = MAX_DEADLINE_SHARE * job.run.deadlineMs
  const losses = lossesInLastDay(records.watchState, now)
  const overdueLimit = overdueLimitMs(job)
  const candidates: readonly (Breach | undefined | false)[] = [
    overdueLimit !== undefined &&
      records.overdueMs >= overdueLimit && {
        condition: 'overdue',
        value: records.overdueMs,
        limit: overdueLimit,
      },
    records.failures >= job.failuresBeforeAlarm && {
      condition: 'failing',
      value: records.failures,
      limit: job.failuresBeforeAlarm,
    },
    hasMissedTicks(records, now) && { condition: 'missed-ticks', value: losses.missed, limit: 0 },
    hasAbandonedRuns(records, now) && { condition: 'abandoned-runs', value: losses.abandoned, limit: 0 },
    successBreach(statistics, losses, now),
    retries > MAX_RETRIES_PER_HOUR && { condition: 'retries', value: retries, limit: MAX_RETRIES_PER_HOUR },
    longestMs > maxMs && { condition: 'slow-runs', value: longestMs, limit: maxMs },
    slowUpstreamBreach(statistics, now),
    failedKeysBreach(statistics, now),
    freshnessBreach(job, losses.staleMs),
    isKeyRefused(records) && { condition: 'key-refused', value: 1, limit: 0 },
    coolDownBreach(job, records, before, now),
    isRecent(records.watchState.taskFailedAt, now) && { condition: 'failed-tasks', value: 1, limit: 0 },
    isRecent(records.watchState.taskTimedOutAt, now) && { condition: 'timed-out-tasks', value: 1, limit: 0 },
    ...(statistics?.reported ?? []),
  ]
  return candidates.filter((candidate) => candidate !== undefined && candidate !== false)
}

/** A later tick that was accounted for or has succeeded makes up for a missed one. */
function hasMissedTicks({ state, watchState: { missed, checkedUntil } }: JobRecords, now: number): boolean {
  if (!missed) return false
  const isRecovered = checkedUntil > missed.tick || (state.lastTick ?? 0) > missed.tick
  return !isRecovered || now - missed.at < HOUR_MS
}

function hasAbandonedRuns({ state, watchState: { abandonedAt } }: JobRecords, now: number): boolean {
  if (abandonedAt === undefined) return false
  return (state.lastSuccessAt ?? 0) < abandonedAt || now - abandonedAt < HOUR_MS
}

/** A task belongs to its submitter: a later success of another task does not make up for it. */
function isRecent(at: number | undefined, now: number): boolean {
  return at !== undefined && now - at < HOUR_MS
}

function successBreach(
  statistics: JobState['statistics'],
  { missed, abandoned }: ReturnType<typeof lossesInLastDay>,
  now: number,
): Breach | undefined {
  const ended = runsInLastDay(statistics, now)
  const runs = ended.runs + missed + abandoned
  if (runs < MIN_RUNS) return undefined
  const value = (ended.runs - ended.failed) / runs
  if (value >= MIN_SUCCESS_RATIO) return undefined
  return { condition: 'success-ratio', value, limit: MIN_SUCCESS_RATIO }
}

function slowUpstreamBreach(statistics: JobState['statistics'], now: number): Breach | undefined {
  const { attempts, slow } = responsesInLastHour(statistics, now)
  if (slow < MIN_SLOW_RESPONSES) return undefined
  const value = slow / attempts
  if (value <= MAX_SLOW_RESPONSES_SHARE) return undefined
  return { condition: 'slow-upstream', value, limit: MAX_SLOW_RESPONSES_SHARE }
}

/** Keys that two runs in a row have lost for any reason; else those that a provider has refused, however few a run has. */
function failedKeysBreach(statistics: JobState['statistics'], now: number): Breach | undefined {
  const condition = 'many-keys-failed'
  const failedShare = repeatedFailedShare(statistics)
  if (failedShare > MAX_FAILED_KEYS_SHARE)
    return { condition, value: failedShare, limit: MAX_FAILED_KEYS_SHARE }
  const { attempts, refused } = responsesInLastHour(statistics, now)
  if (refused < MIN_REFUSED) return undefined
  const value = refused / attempts
  return value > MAX_REFUSED_SHARE ? { condition, value, limit: MAX_REFUSED_SHARE } : undefined
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

/** Judged while all of the job's upstreams are blocked; between two cool-downs the condition stays as it was. */
function coolDownBreach(
  { coolingBeforeAlarmMs: limit }: Job,
  { watchState: { coolingSince }, upstreams }: JobRecords,
  before: readonly Condition[],
  now: number,
): Breach | undefined {
  if (coolingSince === undefined) return undefined
  const value = now - coolingSince
  const areBlocked = upstreams.every((upstream) => isBlocked(upstream, now))
  const isBreached = areBlocked ? value >= limit : before.includes('upstream-cooling')
  return isBreached ? { condition: 'upstream-cooling', value, limit } : undefined
}

/** The watchdog's own counts of the last 24 clock hours. */
function lossesInLastDay({ hours }: WatchState, now: number) {
  const rows = lastHours(hours, now, EMPTY_HOUR)
  const sum = (column: 0 | 1 | 2) => rows.reduce((total, row) => total + row[column], 0)
  return { missed: sum(0), abandoned: sum(1), staleMs: sum(2) }
}

/**
 * The share of time in which a job's data are fresh, when its ticks succeed independently with probability `success`.
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
