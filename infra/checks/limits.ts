import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { activeJobs } from '../alarms.ts'
import { CLOSING_MS, jobTimeoutMs, LONGEST_TIMEOUT_MS } from '../timeouts.ts'
import type { Finding } from './finding.ts'

const MINUTE_MS = 60_000
const LONGEST_SPREAD_MS = 1_440 * MINUTE_MS

/** Lambda takes 4 KB of environment; the rest is for the names that every function gets. */
const LARGEST_SETTINGS = 3_072

/** What a job asks of Lambda and of the scheduler, within their limits. */
export function checkLimits({ jobs, changed }: System): Finding[] {
  const settings = Object.assign({}, ...changed.values()) as Record<string, string>
  return [...activeJobs(jobs).flatMap((job) => [...deadline(job), ...spread(job)]), ...settingsFit(settings)]
}

function deadline(job: Job): Finding[] {
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
