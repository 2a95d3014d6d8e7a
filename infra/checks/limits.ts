import { activeJobs } from '#infra/alarms.ts'
import { CLOSING_MS, jobTimeoutMs, LONGEST_TIMEOUT_MS } from '#infra/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import type { Finding } from './finding.ts'

const MINUTE_MS = 60_000
const LONGEST_SPREAD_MS = 1_440 * MINUTE_MS

/** In its last seconds a task fetches and publishes nothing, so a shorter one could do nothing at all. */
const SHORTEST_TASK_MS = 30_000

/** What a task keeps between its steps is kept for so long. */
const LONGEST_TASK_MS = 1_440 * MINUTE_MS

/** Lanes of a Map that Step Functions runs at once. */
const MOST_LANES = 40

/** Lambda takes 4 KB of environment; the rest is for the names that every function gets. */
const LARGEST_SETTINGS = 3_072

/** What a job asks of Lambda and of the scheduler, within their limits. */
export function checkLimits({ jobs, changed }: System): Finding[] {
  const settings = Object.assign({}, ...changed.values()) as Record<string, string>
  return [
    ...activeJobs(jobs).flatMap((job) => [...deadline(job), ...task(job), ...spread(job)]),
    ...settingsFit(settings),
  ]
}

function deadline(job: Job): Finding[] {
  if (job.run.shape === 'task') return []
  const longest = jobTimeoutMs(job) - CLOSING_MS
  if (job.run.deadlineMs < longest) return []
  const most = (LONGEST_TIMEOUT_MS - CLOSING_MS) / 1_000
  return [
    fault(
      job.id,
      `expected a deadline below ${most} s, got ${job.run.deadlineMs / 1_000} s: a longer job must be a task`,
    ),
  ]
}

function task({ id, run }: Job): Finding[] {
  if (run.shape !== 'task') return []
  const { deadlineMs, concurrency, paceMs } = run
  return [
    ...(deadlineMs >= SHORTEST_TASK_MS && deadlineMs <= LONGEST_TASK_MS
      ? []
      : [
          fault(
            id,
            `expected a task's deadline of ${SHORTEST_TASK_MS / 1_000} s to ${LONGEST_TASK_MS / 1_000} s, got ${deadlineMs / 1_000} s`,
          ),
        ]),
    ...(concurrency <= MOST_LANES
      ? []
      : [fault(id, `expected a task's concurrency of at most ${MOST_LANES}, got ${concurrency}`)]),
    ...(paceMs % 1_000 === 0 ? [] : [fault(id, `expected a pace of whole seconds, got ${paceMs / 1_000} s`)]),
  ]
}

function spread({ id, spreadMs }: Job): Finding[] {
  if (spreadMs % MINUTE_MS === 0 && spreadMs <= LONGEST_SPREAD_MS) return []
  return [fault(id, `expected a spread of whole minutes up to a day, got ${spreadMs / 1_000} s`)]
}

function settingsFit(settings: Readonly<Record<string, string>>): Finding[] {
  const bytes = Object.entries(settings).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name + text),
    0,
  )
  if (bytes <= LARGEST_SETTINGS) return []
  return [
    fault(
      'settings',
      `expected changed settings of at most ${LARGEST_SETTINGS} bytes, got ${bytes}: a function's environment holds 4 KB`,
    ),
  ]
}

function fault(subject: string, message: string): Finding {
  return { check: 'limits', subject, message, severity: 'error' }
}
