import { activeJobs, cadenceOf, cadenceOfJob } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { type Finding, finding } from './findings.ts'

/**
 * The freshness algebra: interval + spread + deadline <= freshFor <= serveStaleFor <= keepFor. The first part does not
 * apply to a job that runs on demand.
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
        `the smallest legal freshFor is ${seconds(minFreshForMs)} s`,
    ),
  ]
}

function checkRetention(job: Job): Finding[] {
  const { freshForMs, serveStaleForMs, keepForMs } = job.freshness
  const pairs = [
    ['serveStaleFor', serveStaleForMs, 'freshFor', freshForMs],
    ['keepFor', keepForMs, 'serveStaleFor', serveStaleForMs],
  ] as const
  return pairs
    .filter(([, longer, , shorter]) => longer < shorter)
    .map(([name, longer, than, shorter]) =>
      finding(
        'freshness',
        job.id,
        `expected ${name} of at least ${than}, ${seconds(shorter)} s; got ${seconds(longer)} s; ` +
          `the smallest legal ${name} is ${seconds(shorter)} s`,
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
