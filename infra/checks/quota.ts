import { activeJobs, cadenceOfJob } from '#infra/definitions/cadence.ts'
import type { JobModules } from '#infra/estimates/job-modules.ts'
import { runsPerDay, runWindows } from '#infra/estimates/run-frequency.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { System } from '#shared/declare/system.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import type { MaxCalls } from '#shared/engine/model/refresh.ts'
import { intervalMs } from '#shared/engine/rate-limit/pacing.ts'
import { type Finding, finding } from './findings.ts'

const MINUTES_AN_HOUR = 60
const HOURS_A_DAY = 24
const MINUTES_A_DAY = MINUTES_AN_HOUR * HOURS_A_DAY
const DAYS_A_MONTH = 31
const NO_CALLS = { retried: 0, once: 0 }

/**
 * The calls to an upstream by ticks and by runs that follow others. Runs that readers and operators request come on
 * top: the budget at run time limits those.
 */
export interface Demand {
  /** In the worst minute, with all retries. */
  readonly perMinute: number
  readonly perDay: number
  /** In 31 days, with all retries. */
  readonly perMonth: number
  /** In a day without failures. */
  readonly plannedPerDay: number
  /** Those of jobs that refresh the oldest data first, and spend what is left: part of both figures of a day. */
  readonly oldestFirstPerDay: number
}

/**
 * Compares the limits of each provider with the worst-case calls of its jobs. A month in which every call fails twice is
 * only a warning: the limits of day and minute apply first, and a rate-limited run is postponed.
 */
export function checkQuota(system: System, modules: JobModules): Finding[] {
  return [...system.upstreams.values()].flatMap((upstream) => [
    ...checkDemand(upstream, demandOn(upstream, system.jobs, modules)),
    ...checkHourlyPace(upstream, demandOn(upstream, system.jobs, modules)),
    ...checkRunFitsRate(upstream, system.jobs, modules),
    ...checkBreakerRecovery(upstream, system.jobs),
  ])
}

function checkDemand(upstream: Upstream, demand: Demand): Finding[] {
  const { perMinute } = upstream.limits
  const { perDay, perMonth } = scheduledLimits(upstream)
  const planned = demand.plannedPerDay * DAYS_A_MONTH
  const above = (calls: number, limit: number | undefined, about: string, severity?: Finding['severity']) =>
    limit === undefined || calls <= limit
      ? []
      : [finding('quota', upstream.name, quotaMessage(calls, limit, about), severity)]
  const plannedFindings = above(planned, perMonth, `calls in ${DAYS_A_MONTH} days without any retry`)
  const worstMonth = `calls in ${DAYS_A_MONTH} days, every retry included`
  return [
    ...above(demand.perMinute, perMinute, 'calls in the worst minute, every retry included'),
    ...above(demand.perDay - demand.oldestFirstPerDay, perDay, 'calls a day, every retry included'),
    ...oldestFirstFindings(upstream, demand),
    ...plannedFindings,
    ...(plannedFindings.length > 0 ? [] : above(demand.perMonth, perMonth, worstMonth, 'warning')),
  ]
}

/** Share of a provider's pace that schedules may plan to use: the rest is for retries, readers and operators. */
const PLANNED_SHARE = 0.8

/**
 * Refuses schedules that plan more calls an hour than a share of the pace allows. The limit of a minute does not refuse those
 * of jobs that refresh the oldest data first: without this check, some of their data would never be fresh.
 */
function checkHourlyPace({ name, limits }: Upstream, { plannedPerDay }: Demand): Finding[] {
  const allowed = Math.floor(PLANNED_SHARE * limits.perMinute * MINUTES_AN_HOUR)
  const planned = Math.ceil(plannedPerDay / HOURS_A_DAY)
  const about = `calls an hour without retries, ${PLANNED_SHARE * 100} % of ${limits.perMinute} a minute`
  return planned <= allowed ? [] : [finding('quota', name, quotaMessage(planned, allowed, about))]
}

/** A warning for data that cannot all be refreshed within a day. */
function oldestFirstFindings(
  upstream: Upstream,
  { perDay: total, oldestFirstPerDay: calls }: Demand,
): Finding[] {
  const { perDay } = scheduledLimits(upstream)
  if (perDay === undefined || calls === 0) return []
  const left = Math.max(0, perDay - (total - calls))
  if (calls <= left) return []
  const age = left === 0 ? 'none of them' : `all of them once in ${Math.ceil(calls / left)} days`
  const message = `expected at most ${left} calls a day, got ${calls}: the oldest data are refreshed first, ${age}`
  return [finding('quota', upstream.name, message, 'warning')]
}

function quotaMessage(calls: number, limit: number, about: string): string {
  return `expected at most ${limit} ${about}, got ${calls}; lengthen an interval, lower the attempts, or move one job away from another`
}

/** The part of the limits of a day and a month that scheduled runs may use; operators may use the remainder too. */
export function scheduledLimits({ limits: { perDay, perMonth, scheduledShare } }: Upstream) {
  const share = (limit: number | undefined) => limit && Math.floor(limit * scheduledShare)
  return { perDay: share(perDay), perMonth: share(perMonth) }
}

/** A warning for runs whose calls take longer than their deadline at the provider's pace. */
function checkRunFitsRate({ name, limits }: Upstream, jobs: readonly Job[], modules: JobModules): Finding[] {
  return activeJobs(jobs)
    .filter(({ upstreams }) => upstreams.includes(name))
    .flatMap(({ id, run }) => {
      const { retried, once } = modules.get(id)?.calls.get(name) ?? NO_CALLS
      const calls = retried + once
      const durationMs = Math.ceil((calls - limits.burst) * intervalMs(limits))
      if (durationMs <= run.deadlineMs) return []
      const message =
        `expected the ${calls} calls of a run to fit its deadline of ${run.deadlineMs / SECOND_MS} s, got ` +
        `${Math.ceil(durationMs / SECOND_MS)} s at ${limits.perMinute} a minute; the next run starts with the remaining ones`
      return [finding('quota', id, message, 'warning')]
    })
}

/**
 * The calls to an upstream by the schedules of the jobs that are not off, and by the runs that follow others.
 *
 * @param counted - the jobs whose calls are counted; all by default
 */
export function demandOn(
  { name, secret, maxAttempts = Number.POSITIVE_INFINITY }: Upstream,
  jobs: readonly Job[],
  modules: JobModules,
  counted: readonly Job[] = jobs,
): Demand {
  const minutes = new Array<number>(MINUTES_A_DAY).fill(0)
  let perDay = 0
  let plannedPerDay = 0
  let oldestFirstPerDay = 0
  for (const job of activeJobs(counted).filter(({ upstreams }) => upstreams.includes(name))) {
    const { retried, once, perDay: oldestFirst }: MaxCalls = modules.get(job.id)?.calls.get(name) ?? NO_CALLS
    if (oldestFirst !== undefined) {
      // its calls are paced at run time, and a refused one is made by a later run
      oldestFirstPerDay += oldestFirst
      continue
    }
    // a 401 is repeated once with a freshly read key, and then not retried
    const unauthorized = secret ? 1 : 0
    const worst =
      retried * (Math.min(job.run.attempts, maxAttempts) + unauthorized) + once * (1 + unauthorized)
    const { all: runs } = runsPerDay(job, jobs)
    perDay += runs * worst
    plannedPerDay += runs * (retried + once)
    for (const minute of busyMinutes(job, jobs)) minutes[minute] = (minutes[minute] ?? 0) + worst
  }
  return {
    perMinute: Math.max(...minutes),
    perDay: perDay + oldestFirstPerDay,
    perMonth: (perDay + oldestFirstPerDay) * DAYS_A_MONTH,
    plannedPerDay: plannedPerDay + oldestFirstPerDay,
    oldestFirstPerDay,
  }
}

/**
 * The minutes of the day in which runs of a job may make calls, one entry per run and minute: from the earliest start to
 * the latest end, and one more, because a limit counts over any sixty seconds. Combines all days into one.
 */
function busyMinutes(job: Job, jobs: readonly Job[]): number[] {
  return runWindows(job, jobs).flatMap(({ startMinute, lengthMs }) => {
    const length = Math.ceil(lengthMs / MINUTE_MS) + 1
    return Array.from({ length }, (_, minute) => (startMinute + minute) % MINUTES_A_DAY)
  })
}

/** A warning for jobs whose interval is shorter than the cool-down of the breaker: after an outage they recover later. */
function checkBreakerRecovery({ name, breaker }: Upstream, jobs: readonly Job[]): Finding[] {
  return activeJobs(jobs)
    .filter(({ schedule, upstreams }) => clockOf(schedule) && upstreams.includes(name))
    .map((job) => ({ id: job.id, tickMs: cadenceOfJob(job).shortestMs }))
    .filter(({ tickMs }) => tickMs < breaker.coolDownMs)
    .map(({ id, tickMs }) => {
      const message =
        `expected a breaker of ${name} that cools down within the interval of ${tickMs / SECOND_MS} s, ` +
        `got ${breaker.coolDownMs / SECOND_MS} s: after an outage the data are late by that much`
      return finding('quota', id, message, 'warning')
    })
}
