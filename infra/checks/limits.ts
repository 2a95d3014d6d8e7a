import { activeJobs } from '#infra/definitions/cadence.ts'
import { CLOSE_MARGIN_MS, jobTimeoutMs, MAX_LAMBDA_TIMEOUT_MS } from '#infra/definitions/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Finding } from './findings.ts'

const MAX_SPREAD_MS = 1_440 * MINUTE_MS

/** In its last seconds a task fetches and publishes nothing, so a shorter one could do nothing at all. */
const MIN_TASK_MS = 30_000

/** What a task keeps between its steps is kept for so long. */
const MAX_TASK_MS = 1_440 * MINUTE_MS

/** Lanes of a Map that Step Functions runs at once. */
const MAX_MAP_CONCURRENCY = 40

/** Lambda takes 4 KB of environment; the rest is for the names that every function gets. */
const MAX_SETTINGS_BYTES = 3_072

/** What a job asks of Lambda and of the scheduler, within their limits. */
export function checkLimits({ jobs, changed }: System): Finding[] {
  const settings = Object.assign({}, ...changed.values()) as Record<string, string>
  return [
    ...activeJobs(jobs).flatMap((job) => [...checkDeadline(job), ...checkTask(job), ...checkSpread(job)]),
    ...checkSettingsSize(settings),
  ]
}

function checkDeadline(job: Job): Finding[] {
  if (job.run.mode === 'task') return []
  const longest = jobTimeoutMs(job) - CLOSE_MARGIN_MS
  if (job.run.deadlineMs < longest) return []
  const most = (MAX_LAMBDA_TIMEOUT_MS - CLOSE_MARGIN_MS) / 1_000
  return [
    limitFinding(
      job.id,
      `expected a deadline below ${most} s, got ${job.run.deadlineMs / 1_000} s: a longer job must be a task`,
    ),
  ]
}

function checkTask({ id, run }: Job): Finding[] {
  if (run.mode !== 'task') return []
  const { deadlineMs, concurrency, paceMs } = run
  return [
    ...(deadlineMs >= MIN_TASK_MS && deadlineMs <= MAX_TASK_MS
      ? []
      : [
          limitFinding(
            id,
            `expected a task's deadline of ${MIN_TASK_MS / 1_000} s to ${MAX_TASK_MS / 1_000} s, got ${deadlineMs / 1_000} s`,
          ),
        ]),
    ...(concurrency <= MAX_MAP_CONCURRENCY
      ? []
      : [
          limitFinding(
            id,
            `expected a task's concurrency of at most ${MAX_MAP_CONCURRENCY}, got ${concurrency}`,
          ),
        ]),
    ...(paceMs % 1_000 === 0
      ? []
      : [limitFinding(id, `expected a pace of whole seconds, got ${paceMs / 1_000} s`)]),
  ]
}

function checkSpread({ id, spreadMs }: Job): Finding[] {
  if (spreadMs % MINUTE_MS === 0 && spreadMs <= MAX_SPREAD_MS) return []
  return [limitFinding(id, `expected a spread of whole minutes up to a day, got ${spreadMs / 1_000} s`)]
}

function checkSettingsSize(settings: Readonly<Record<string, string>>): Finding[] {
  const bytes = Object.entries(settings).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name + text),
    0,
  )
  if (bytes <= MAX_SETTINGS_BYTES) return []
  return [
    limitFinding(
      'settings',
      `expected changed settings of at most ${MAX_SETTINGS_BYTES} bytes, got ${bytes}: a function's environment holds 4 KB`,
    ),
  ]
}

function limitFinding(subject: string, message: string): Finding {
  return { check: 'limits', subject, message, severity: 'error' }
}
