import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { longestOfLate, lostTwice, retriesOfHour, runsOfDay } from '#shared/engine/figures.ts'
import { lastHours } from '#shared/engine/hours.ts'
import type { WatchedHour, WatchRecord } from '#shared/ports/records/watch-record.ts'
import { promisedFreshness } from './promised-freshness.ts'
import { isBarred } from './witness.ts'

/** Below it, one failure more or less decides. */
const FEWEST_RUNS = 10
/** Of the runs of a day that were not skipped. */
const LEAST_SUCCESS = 0.9
const MOST_RETRIES_AN_HOUR = 10
/** Of a run's deadline. */
const LONGEST_SHARE = 0.8
/** Of the keys of a run, twice in a row. */
const MOST_LOST = 0.2

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const NOTHING: WatchedHour = [0, 0, 0]

/** A condition that a job is in: the figure that was judged, and the one that it is held against. */
export interface Breach {
  readonly condition: Condition
  readonly value: number
  readonly limit: number
}

interface Seen {
  readonly state: JobState
  readonly watched: WatchRecord
  /** Of all its providers. */
  readonly upstreams: readonly UpstreamState[]
}

/**
 * What is wrong with a job beside late data and failures in a row. What happens once, like a tick that is missed,
 * stands for an hour and until it is made good, so that an outage is one breach and not one a tick. Pure.
 *
 * @param before - the conditions that it was in at the last look
 */
export function breaches(job: Job, seen: Seen, before: readonly Condition[], now: number): readonly Breach[] {
  const { figures } = seen.state
  const longest = longestOfLate(figures, now)
  const retries = retriesOfHour(figures, now)
  const mostMs = LONGEST_SHARE * job.run.deadlineMs
  const lost = lostInDay(seen.watched, now)
  const lostShare = lostTwice(figures)
  const found: readonly (Breach | undefined | false)[] = [
    missesTicks(seen, now) && { condition: 'missed-ticks', value: lost.missed, limit: 0 },
    abandonsRuns(seen, now) && { condition: 'abandoned-runs', value: lost.abandoned, limit: 0 },
    lowSuccess(figures, lost, now),
    retries > MOST_RETRIES_AN_HOUR && { condition: 'retries', value: retries, limit: MOST_RETRIES_AN_HOUR },
    longest > mostMs && { condition: 'slow-runs', value: longest, limit: mostMs },
    lostShare > MOST_LOST && { condition: 'many-keys-failed', value: lostShare, limit: MOST_LOST },
    lowFreshness(job, lost.staleMs),
    refusesKey(seen) && { condition: 'key-refused', value: 1, limit: 0 },
    cooling(job, seen, before, now),
    isRecent(seen.watched.taskFailedAt, now) && { condition: 'failed-tasks', value: 1, limit: 0 },
    isRecent(seen.watched.taskTimedOutAt, now) && { condition: 'timed-out-tasks', value: 1, limit: 0 },
  ]
  return found.filter((one) => one !== undefined && one !== false)
}

/** It is made good when a tick after it was accounted for, or has succeeded. */
function missesTicks({ state, watched: { missed, until } }: Seen, now: number): boolean {
  if (!missed) return false
  const isMade = until > missed.tick || (state.lastTick ?? 0) > missed.tick
  return !isMade || now - missed.at < HOUR_MS
}

function abandonsRuns({ state, watched: { abandonedAt } }: Seen, now: number): boolean {
  if (abandonedAt === undefined) return false
  return (state.lastSuccessAt ?? 0) < abandonedAt || now - abandonedAt < HOUR_MS
}

/** A task is somebody's own: a later one that ends well makes nothing good. */
function isRecent(at: number | undefined, now: number): boolean {
  return at !== undefined && now - at < HOUR_MS
}

function lowSuccess(
  figures: JobState['figures'],
  { missed, abandoned }: ReturnType<typeof lostInDay>,
  now: number,
): Breach | undefined {
  const ended = runsOfDay(figures, now)
  const runs = ended.runs + missed + abandoned
  const value = (ended.runs - ended.failed) / runs
  if (runs < FEWEST_RUNS || value >= LEAST_SUCCESS) return undefined
  return { condition: 'success-ratio', value, limit: LEAST_SUCCESS }
}

function lowFreshness(job: Job, staleMs: number): Breach | undefined {
  const schedule = clockOf(job.schedule)
  if (staleMs === 0 || !schedule) return undefined
  const value = 1 - staleMs / DAY_MS
  const limit = promisedFreshness({ ...job, schedule }, LEAST_SUCCESS)
  return value < limit ? { condition: 'freshness', value, limit } : undefined
}

function refusesKey({ state, upstreams }: Seen): boolean {
  return upstreams.some(({ coolDown }) => coolDown?.reason === 'auth') || state.lastRun?.reason === 'auth'
}

/** Judged while all of the job's upstreams are left alone; between two waits it stays as it was. */
function cooling(
  { coolingBeforeAlarmMs: limit }: Job,
  { watched, upstreams }: Seen,
  before: readonly Condition[],
  now: number,
): Breach | undefined {
  const { barredSince } = watched
  if (barredSince === undefined) return undefined
  const value = now - barredSince
  const areBarred = upstreams.every((upstream) => isBarred(upstream, now))
  const isJudged = areBarred ? value >= limit : before.includes('upstream-cooling')
  return isJudged ? { condition: 'upstream-cooling', value, limit } : undefined
}

/** What the watchdog has counted in the last 24 clock hours. */
function lostInDay({ hours }: WatchRecord, now: number) {
  const rows = lastHours(hours, now, NOTHING)
  const sum = (column: 0 | 1 | 2) => rows.reduce((total, row) => total + row[column], 0)
  return { missed: sum(0), abandoned: sum(1), staleMs: sum(2) }
}
