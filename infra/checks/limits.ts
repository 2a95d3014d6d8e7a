import { activeJobs } from '#infra/definitions/cadence.ts'
import { CLOSE_MARGIN_MS, jobTimeoutMs, MAX_LAMBDA_TIMEOUT_MS } from '#infra/definitions/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { type Finding, finding } from './findings.ts'

const MAX_SPREAD_MS = DAY_MS

/** A shorter task would have no time at all: it stops fetching and publishing some seconds before its deadline. */
const MIN_TASK_MS = 30 * SECOND_MS

/** The records that the steps of a task share are stored for a day. */
const MAX_TASK_MS = DAY_MS

/** Lanes of a Map state that Step Functions runs at once. */
const MAX_MAP_CONCURRENCY = 40

/** Lambda accepts 4 KB of environment; the remainder is for the variables that every function has. */
const MAX_SETTINGS_BYTES = 3_072

/** The limits of Lambda, Step Functions and the scheduler. */
export function checkLimits({ jobs, changed }: System): Finding[] {
  const settings = Object.assign({}, ...changed.values()) as Record<string, string>
  return [
    ...activeJobs(jobs).flatMap((job) => [...checkDeadline(job), ...checkTask(job), ...checkSpread(job)]),
    ...checkSettingsSize(settings),
  ]
}

function checkDeadline(job: Job): Finding[] {
  if (job.run.mode === 'task') return []
  const { deadlineMs } = job.run
  if (deadlineMs < jobTimeoutMs(job) - CLOSE_MARGIN_MS) return []
  const maxS = seconds(MAX_LAMBDA_TIMEOUT_MS - CLOSE_MARGIN_MS)
  return [
    finding(
      'limits',
      job.id,
      `expected a deadline below ${maxS} s, got ${seconds(deadlineMs)} s: a longer job must be a task`,
    ),
  ]
}

function checkTask({ id, run }: Job): Finding[] {
  if (run.mode !== 'task') return []
  const { deadlineMs, concurrency, paceMs } = run
  const faults: string[] = []
  if (deadlineMs < MIN_TASK_MS || deadlineMs > MAX_TASK_MS) {
    const range = `${seconds(MIN_TASK_MS)} s to ${seconds(MAX_TASK_MS)} s`
    faults.push(`expected a task's deadline of ${range}, got ${seconds(deadlineMs)} s`)
  }
  if (concurrency > MAX_MAP_CONCURRENCY) {
    faults.push(`expected a task's concurrency of at most ${MAX_MAP_CONCURRENCY}, got ${concurrency}`)
  }
  if (paceMs % SECOND_MS !== 0) faults.push(`expected a pace of whole seconds, got ${seconds(paceMs)} s`)
  return faults.map((message) => finding('limits', id, message))
}

function checkSpread({ id, spreadMs }: Job): Finding[] {
  if (spreadMs % MINUTE_MS === 0 && spreadMs <= MAX_SPREAD_MS) return []
  return [finding('limits', id, `expected a spread of whole minutes up to a day, got ${seconds(spreadMs)} s`)]
}

function checkSettingsSize(settings: Readonly<Record<string, string>>): Finding[] {
  const bytes = Object.entries(settings).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name + text),
    0,
  )
  if (bytes <= MAX_SETTINGS_BYTES) return []
  return [
    finding(
      'limits',
      'settings',
      `expected changed settings of at most ${MAX_SETTINGS_BYTES} bytes, got ${bytes}: a function's environment holds 4 KB`,
    ),
  ]
}

function seconds(ms: number): number {
  return ms / SECOND_MS
}
