import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { pausedUntil } from '#shared/domain/records/control.ts'
import type { JobState, WatchHour } from '#shared/domain/records/job-state.ts'
import { lastHours } from '#shared/domain/records/run-statistics.ts'
import { clockChanges, isoSeconds } from '#shared/domain/time.ts'
import { jobHealth, NO_STATE } from '../health.ts'
import { publicExplanation } from './public-explanation.ts'

/** What an overview is made from. */
export interface OverviewInput {
  readonly version: string
  readonly jobs: readonly Job[]
  /** Public states by job. */
  readonly states: ReadonlyMap<string, JobState>
  /** Names of the providers that are simulated; none in a deployment. */
  readonly simulated: readonly string[]
}

/** For how long the next runs are listed. */
const AHEAD_MS = DAY_MS

/** As many as a job that runs every minute has in a day. */
const MAX_RUNS = 1_440

/**
 * Every dataset at a glance, for everyone: its state, why it is as old as it is and what happens next, its limits of age,
 * its last run, the runs of the last 24 clock hours, how long it was overdue on each of the last 90 days, and its next
 * runs. Pure. Nothing in it changes with each second, so that clients can check a copy by its entity tag.
 *
 * @param now - milliseconds since the epoch
 * @returns JSON; times are ISO 8601 in UTC
 */
export function overview({ version, jobs, states, simulated }: OverviewInput, now: number) {
  return {
    service: 'freshet',
    version,
    datasets: jobs.map((job) => ({
      ...datasetMember(job, states.get(job.id) ?? NO_STATE, now),
      ...publicLines(job, jobs, states, now),
      data_source: isSimulated(job, jobs, simulated) ? 'simulated' : 'live',
    })),
  }
}

function datasetMember(job: Job, state: JobState, now: number) {
  const { freshUntil, lastRun, lastSuccessAt, consecutiveFailures, watchState, control } = state
  const { state: status } = jobHealth(job, state, pausedUntil(job, control), now)
  const { freshForMs, serveStaleForMs } = job.freshness
  return {
    job: job.id,
    title: job.title,
    priority: job.priority,
    state: status,
    fresh_until: isoOrNull(freshUntil),
    last_success_at: isoOrNull(lastSuccessAt),
    fresh_for_seconds: freshForMs / SECOND_MS,
    serve_stale_for_seconds: serveStaleForMs / SECOND_MS,
    consecutive_failures: consecutiveFailures,
    conditions: watchState?.conditions ?? [],
    last_run: lastRun
      ? { outcome: lastRun.status, reason: lastRun.reason ?? null, ended_at: isoSeconds(lastRun.endedAt) }
      : null,
    hours: hoursOf(state, now),
    days: daysOf(state, now),
    schedule: scheduleOf(job, now),
    inputs: job.inputs,
    reads: [
      ...new Set(
        job.reads
          .filter(({ access, effect }) => access === 'public' && effect === 'read')
          .map(({ path }) => path),
      ),
    ],
  }
}

function publicLines(job: Job, jobs: readonly Job[], states: OverviewInput['states'], now: number) {
  const { cause, next } = publicExplanation(job, jobs, states, now)
  return { cause, next: { code: next.code, text: next.text, at: isoOrNull(next.at) } }
}

const NO_RUNS = [0, 0, 0, 0] as const
const NOTHING_MISSED: WatchHour = [0, 0, 0]

/** Clock hours, the current one first: runs of the whole plan, failed ones among them, and ticks without a run. */
function hoursOf({ statistics, watchState }: JobState, now: number) {
  const runs = lastHours(statistics?.hours, now, NO_RUNS)
  const watched = lastHours(watchState?.hours, now, NOTHING_MISSED)
  const current = Math.floor(now / HOUR_MS) * HOUR_MS
  return Array.from({ length: Math.max(runs.length, watched.length) }, (_, index) => {
    const [count, failed] = runs[index] ?? NO_RUNS
    const [missed, abandoned] = watched[index] ?? NOTHING_MISSED
    return {
      at: isoSeconds(current - index * HOUR_MS),
      runs: count + abandoned,
      failed: failed + abandoned,
      missed,
    }
  })
}

/** Days of UTC, the current one first. */
function daysOf({ watchState }: JobState, now: number) {
  const { newest, seconds } = watchState?.days ?? { newest: Math.floor(now / DAY_MS), seconds: [] }
  return seconds.map((overdueSeconds, index) => ({
    date: isoSeconds((newest - index) * DAY_MS).slice(0, 10),
    overdue_seconds: overdueSeconds,
  }))
}

/**
 * The schedule with the runs of the next 24 hours: all of them, or the first one and their interval where all intervals are
 * equal. Changes of clocks are those of its zone in that time.
 */
function scheduleOf(job: Job, now: number) {
  const clock = clockOf(job.schedule)
  if (!clock || job.off !== undefined) return null
  const until = now + AHEAD_MS
  const runs = occurrences(clock, { after: now, until, limit: MAX_RUNS })
  const intervalMs = equalInterval(runs)
  return {
    expression: clock.expression,
    zone: clock.zone,
    next_runs: (intervalMs === undefined ? runs : runs.slice(0, 1)).map((at) => isoSeconds(at)),
    repeats_every_seconds: intervalMs === undefined ? null : intervalMs / SECOND_MS,
    clock_changes: clockChanges(clock.zone, now, until).map(({ at, before, after }) => ({
      at: isoSeconds(at),
      shift_minutes: (after - before) / MINUTE_MS,
    })),
  }
}

/** The interval between neighbours, if it is the same for all of at least three times. */
function equalInterval([first = 0, second = 0, ...others]: readonly number[]): number | undefined {
  const interval = second - first
  const isEqual = others.every((at, index) => at === second + (index + 1) * interval)
  return others.length > 0 && isEqual ? interval : undefined
}

/**
 * Whether data of a job come from a simulated provider, its own or that of an input. What has neither is made from all that
 * is stored, such as the report of the retention.
 */
function isSimulated(job: Job, jobs: readonly Job[], simulated: readonly string[]): boolean {
  if (job.upstreams.length === 0 && job.inputs.length === 0) return simulated.length > 0
  if (job.upstreams.some((name) => simulated.includes(name))) return true
  return jobs.some((input) => job.inputs.includes(input.id) && isSimulated(input, jobs, simulated))
}

function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : isoSeconds(ms)
}
