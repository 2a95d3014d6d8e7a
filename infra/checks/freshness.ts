import { activeJobs, cadenceOf, cadenceOfJob } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { longestFreshMs } from '#shared/domain/freshness.ts'
import { type Finding, finding } from './findings.ts'

/**
 * The freshness algebra: interval + spread + deadline <= freshFor <= serveStaleFor <= keepFor. The first part does not
 * apply to a job that runs on demand. Before serveStaleFor, freshFor counts with its jitter.
 */
export function checkFreshness(jobs: readonly Job[]): Finding[] {
  return activeJobs(jobs).flatMap((job) => [
    ...checkFreshFor(job),
    ...checkRetention(job),
    ...checkIntervalGain(job),
  ])
}

function checkFreshFor(job: Job): Finding[] {
  const clock = clockOf(job.schedule)
  const interval = clock ? cadenceOf(clock).longestMs : Number.POSITIVE_INFINITY
  if (!Number.isFinite(interval)) return []
  const minFreshForMs = interval + job.spreadMs + job.run.deadlineMs
  const { freshForMs } = job.freshness
  if (minFreshForMs <= freshForMs) return []
  return [
    finding(
      'freshness',
      job.id,
      `expected data to stay fresh for at least ${seconds(minFreshForMs)} s (${seconds(interval)} interval + ` +
        `${seconds(job.spreadMs)} spread + ${seconds(job.run.deadlineMs)} deadline), got ${seconds(freshForMs)} s; ` +
        remedy(job, minFreshForMs),
    ),
  ]
}

/** Data are not fresh for longer than they are served: beyond that, only a shorter interval helps. */
function remedy(job: Job, minFreshForMs: number): string {
  const { serveStaleForMs } = job.freshness
  if (longestFreshMs({ ...job.freshness, freshForMs: minFreshForMs }) <= serveStaleForMs)
    return `the smallest legal ${freshForName(job)} is ${seconds(minFreshForMs)} s`
  const maxIntervalMs = largestFreshForMs(job) - job.spreadMs - job.run.deadlineMs
  const [interval = 'interval'] = job.computedFrom['schedule'] ?? []
  return `the largest legal ${interval} is ${seconds(maxIntervalMs)} s, because data are served for ${seconds(serveStaleForMs)} s`
}

/** The setting that an operator changes, if its value is `freshFor`; otherwise the member, with its settings. */
function freshForName(job: Job): string {
  const names = job.computedFrom['freshness'] ?? []
  const setting = names.find((name) => job.settings[name] === job.freshness.freshForMs)
  if (setting !== undefined) return setting
  return names.length === 0 ? 'freshFor' : `freshFor (computed from ${names.join(', ')})`
}

/** The largest `freshFor` whose jitter ends within `serveStaleFor`, in whole seconds. */
function largestFreshForMs({ freshness: { serveStaleForMs, jitter = 0 } }: Job): number {
  return Math.floor(serveStaleForMs / (1 + jitter) / SECOND_MS) * SECOND_MS
}

function checkRetention(job: Job): Finding[] {
  const { serveStaleForMs, keepForMs, jitter = 0 } = job.freshness
  const freshestMs = longestFreshMs(job.freshness)
  const withItsJitter = jitter === 0 ? '' : ` with its jitter of ${jitter}`
  const isFreshForSet = job.computedFrom['freshness'] !== undefined
  const pairs = [
    {
      longer: ['serveStaleFor', serveStaleForMs],
      shorter: [`${freshForName(job)}${withItsJitter}`, freshestMs],
      remedy: isFreshForSet
        ? `the largest legal ${freshForName(job)} is ${seconds(largestFreshForMs(job))} s`
        : `the smallest legal serveStaleFor is ${seconds(freshestMs)} s`,
    },
    {
      longer: ['keepFor', keepForMs],
      shorter: ['serveStaleFor', serveStaleForMs],
      remedy: `the smallest legal keepFor is ${seconds(serveStaleForMs)} s`,
    },
  ] as const
  return pairs
    .filter(({ longer, shorter }) => longer[1] < shorter[1])
    .map(({ longer, shorter, remedy: advice }) =>
      finding(
        'freshness',
        job.id,
        `expected ${longer[0]} of at least ${shorter[0]}, ${seconds(shorter[1])} s; got ${seconds(longer[1])} s; ${advice}`,
      ),
    )
}

/** A warning: an interval below that of the upstream's updates costs calls and gains nothing. */
function checkIntervalGain(job: Job): Finding[] {
  const { shortestMs } = cadenceOfJob(job)
  const { upstreamIntervalMs = 0 } = job
  if (shortestMs >= upstreamIntervalMs) return []
  const message =
    `expected an interval of at least ${seconds(upstreamIntervalMs)} s, because the upstream publishes no new data within it; ` +
    `got ${seconds(shortestMs)} s`
  return [finding('freshness', job.id, message, 'warning')]
}

function seconds(ms: number): number {
  return ms / SECOND_MS
}
