import { activeJobs, cadenceOfJob } from '#infra/definitions/cadence.ts'
import type { JobModules } from '#infra/estimates/job-modules.ts'
import { runsPerDay, runWindows } from '#infra/estimates/run-frequency.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { System } from '#shared/declare/system.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { intervalMs } from '#shared/engine/rate-limit/pacing.ts'
import type { Finding } from './findings.ts'

const MINUTES_A_DAY = 1_440
const DAYS_A_MONTH = 31
const NO_CALLS = { retried: 0, once: 0 }

/**
 * Calls on an upstream by ticks and by runs that follow others. What else the bus asks for comes on top: the budget holds
 * that back.
 */
export interface Demand {
  /** In the worst minute, every retry used. */
  readonly perMinute: number
  readonly perDay: number
  /** In 31 days, every retry used. */
  readonly perMonth: number
  /** In a day in which nothing fails. */
  readonly plannedPerDay: number
}

/**
 * What the provider allows against what its jobs may ask at worst. A month in which every single call fails twice is
 * only warned of: the day and the minute bound it, and a run that is limited is put off.
 */
export function checkQuota(system: System, folders: JobModules): Finding[] {
  return [...system.upstreams.values()].flatMap((upstream) => {
    const demand = demandOn(upstream, system.jobs, folders)
    const { perMinute } = upstream.limits
    const { perDay, perMonth } = scheduledLimits(upstream)
    const planned = demand.plannedPerDay * DAYS_A_MONTH
    return [
      ...limitFinding(
        upstream,
        demand.perMinute,
        perMinute,
        'calls in the worst minute, every retry included',
        'error',
      ),
      ...limitFinding(upstream, demand.perDay, perDay, 'calls a day, every retry included', 'error'),
      ...limitFinding(
        upstream,
        planned,
        perMonth,
        `calls in ${DAYS_A_MONTH} days without any retry`,
        'error',
      ),
      ...(perMonth !== undefined && planned > perMonth
        ? []
        : limitFinding(
            upstream,
            demand.perMonth,
            perMonth,
            `calls in ${DAYS_A_MONTH} days, every retry included`,
            'warning',
          )),
      ...checkRunFitsRate(upstream, system.jobs, folders),
      ...checkBreakerRecovery(upstream, system.jobs),
    ]
  })
}

/** What scheduled runs may use of a day and a month; the rest is kept back for an operator. */
export function scheduledLimits({ limits: { perDay, perMonth, scheduledShare } }: Upstream) {
  const share = (limit: number | undefined) => limit && Math.floor(limit * scheduledShare)
  return { perDay: share(perDay), perMonth: share(perMonth) }
}

/** Runs whose calls, at the provider's pace, take longer than they may last: the rest is left to the next one. */
function checkRunFitsRate({ name, limits }: Upstream, jobs: readonly Job[], folders: JobModules): Finding[] {
  return activeJobs(jobs)
    .filter(({ upstreams }) => upstreams.includes(name))
    .flatMap(({ id, run }) => {
      const { retried, once } = folders.get(id)?.calls.get(name) ?? NO_CALLS
      const calls = retried + once
      const takesMs = Math.ceil((calls - limits.burst) * intervalMs(limits))
      if (takesMs <= run.deadlineMs) return []
      const message =
        `expected the ${calls} calls of a run to fit its deadline of ${run.deadlineMs / 1_000} s, got ` +
        `${Math.ceil(takesMs / 1_000)} s at ${limits.perMinute} a minute; what is left comes first in the next run`
      return [{ check: 'quota', subject: id, message, severity: 'warning' }] as const
    })
}

/**
 * The calls that running jobs make on an upstream by their schedules, and by what they follow.
 *
 * @param of - those that are counted; all of them unless said
 */
export function demandOn(
  { name, secret }: Upstream,
  jobs: readonly Job[],
  folders: JobModules,
  of: readonly Job[] = jobs,
): Demand {
  const minutes = new Array<number>(MINUTES_A_DAY).fill(0)
  let perDay = 0
  let plannedPerDay = 0
  for (const job of activeJobs(of).filter(({ upstreams }) => upstreams.includes(name))) {
    const { retried, once } = folders.get(job.id)?.calls.get(name) ?? NO_CALLS
    const calls = retried + once
    // a 401 is asked once more, with a fresh key, and then not retried
    const again = secret ? 1 : 0
    const worst = retried * (job.run.attempts + again) + once * (1 + again)
    const { all } = runsPerDay(job, jobs)
    perDay += all * worst
    plannedPerDay += all * calls
    for (const minute of busyMinutes(job, jobs)) minutes[minute] = (minutes[minute] ?? 0) + worst
  }
  return { perMinute: Math.max(...minutes), perDay, perMonth: perDay * DAYS_A_MONTH, plannedPerDay }
}

/**
 * Minutes of the day, one entry per run and minute, in which a job's run may make its calls: from its earliest start to
 * the end of the latest run, and one more, because a limit counts over any sixty seconds. All days are laid over each other.
 */
function busyMinutes(job: Job, jobs: readonly Job[]): number[] {
  return runWindows(job, jobs).flatMap(({ startMinute, lengthMs }) => {
    const length = Math.ceil(lengthMs / MINUTE_MS) + 1
    return Array.from({ length }, (_, minute) => (startMinute + minute) % MINUTES_A_DAY)
  })
}

/** A job that ticks faster than the breaker lets anybody probe is back later than its interval after an outage. */
function checkBreakerRecovery({ name, breaker }: Upstream, jobs: readonly Job[]): Finding[] {
  return activeJobs(jobs)
    .filter(({ schedule, upstreams }) => clockOf(schedule) && upstreams.includes(name))
    .map((job) => ({ id: job.id, intervalMs: cadenceOfJob(job).shortestMs }))
    .filter(({ intervalMs: interval }) => interval < breaker.coolDownMs)
    .map(({ id, intervalMs: interval }) => {
      const message =
        `expected a breaker of ${name} that cools down within the interval of ${interval / 1_000} s, ` +
        `got ${breaker.coolDownMs / 1_000} s: after an outage the data are late by that much`
      return { check: 'quota', subject: id, message, severity: 'warning' } as const
    })
}

function limitFinding(
  { name }: Upstream,
  got: number,
  limit: number | undefined,
  what: string,
  severity: Finding['severity'],
): Finding[] {
  if (limit === undefined || got <= limit) return []
  const message = `expected at most ${limit} ${what}, got ${got}; lengthen an interval, lower the attempts, or move one job away from another`
  return [{ check: 'quota', subject: name, message, severity }]
}
