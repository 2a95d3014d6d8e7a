import { activeJobs, cadenceOf, cadenceOfJob } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { Finding } from './findings.ts'

/**
 * A declaration that cannot keep its promise: data must stay fresh from one refresh to the end of the next, be served
 * at least as long as they are fresh, and be kept at least as long as they are served. Of a job that runs on demand
 * nothing is promised but the latter two.
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
  const least = interval + job.spreadMs + job.run.deadlineMs
  const { freshForMs } = job.freshness
  if (least <= freshForMs) return []
  return [
    freshnessFinding(
      job,
      `expected data to stay fresh for at least ${seconds(least)} s (${seconds(interval)} interval + ` +
        `${seconds(job.spreadMs)} spread + ${seconds(job.run.deadlineMs)} deadline), got ${seconds(freshForMs)} s; ` +
        `the smallest legal freshFor is ${seconds(least)} s`,
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
      freshnessFinding(
        job,
        `expected ${name} of at least ${than}, ${seconds(shorter)} s; got ${seconds(longer)} s; ` +
          `the smallest legal ${name} is ${seconds(shorter)} s`,
      ),
    )
}

/** Asking more often than the upstream has something new costs calls and gains nothing; it is allowed. */
function checkIntervalGain(job: Job): Finding[] {
  const { shortestMs } = cadenceOfJob(job)
  const { upstreamIntervalMs = 0 } = job
  if (shortestMs >= upstreamIntervalMs) return []
  const message =
    `expected an interval of at least ${seconds(upstreamIntervalMs)} s, because the upstream has nothing new more often; ` +
    `got ${seconds(shortestMs)} s`
  return [{ ...freshnessFinding(job, message), severity: 'warning' }]
}

function freshnessFinding(job: Job, message: string): Finding {
  return { check: 'freshness', subject: job.id, message, severity: 'error' }
}

function seconds(ms: number): number {
  return ms / 1_000
}
