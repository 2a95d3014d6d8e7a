import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { longestFreshMs } from '#shared/domain/freshness.ts'
import type { Control, Overrides } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'

const NONE: Overrides = {}

/** The operators' overrides that the declaration allows; `undefined` without any. */
export function activeOverrides(job: Job, { overrides = NONE }: Control): Overrides | undefined {
  const { overridable } = job
  const hasInterval = overrides.intervalMs !== undefined && overridable.includes('interval')
  const { intervalMs, toleranceMs, decidedAt } = hasInterval ? overrides : NONE
  const items = overridable.includes('items') ? overrides.items : undefined
  const active = defined({
    intervalMs,
    toleranceMs,
    decidedAt,
    items,
    settings: allowedSettings(job, overrides.settings),
  })
  return Object.keys(active).length === 0 ? undefined : active
}

/**
 * A job with its overrides: their settings apply, and data stay fresh from one of its less frequent runs to the end of
 * the next, so that they are not overdue in between.
 */
export function applyOverrides(overrides: Overrides | undefined, job: Job): Job {
  const configured = applySettings(overrides?.settings, job)
  if (overrides?.intervalMs === undefined) return configured
  const { freshness } = job
  const freshForMs = Math.max(freshness.freshForMs, minFreshMs(overrides.intervalMs, job))
  const serveStaleForMs = Math.max(freshness.serveStaleForMs, longestFreshMs({ ...freshness, freshForMs }))
  const keepForMs = Math.max(freshness.keepForMs, serveStaleForMs)
  const { maxAsOfAgeMs } = freshness
  const longerMs = freshForMs - freshness.freshForMs
  const ageLimit = defined({ maxAsOfAgeMs: maxAsOfAgeMs && maxAsOfAgeMs + longerMs })
  return { ...configured, freshness: { ...freshness, freshForMs, serveStaleForMs, keepForMs, ...ageLimit } }
}

/** The shortest `freshForMs` of data that are refreshed once per interval. */
export function minFreshMs(intervalMs: number, { spreadMs, run }: Pick<Job, 'spreadMs' | 'run'>): number {
  return intervalMs + spreadMs + run.deadlineMs
}

/**
 * Whether an override of the interval skips a tick: the last successful tick is in the same interval and less than one
 * interval ago, with a tolerance for clock changes. Intervals are counted from the epoch, so that every 15 minutes means
 * soon after each quarter of an hour, whenever the override was set. The first tick after the override was set runs:
 * data published before are fresh for the declared time only.
 */
export function isSkippedByInterval(
  tick: number,
  { lastTick, lastSuccessAt }: Pick<JobState, 'lastTick' | 'lastSuccessAt'>,
  { intervalMs, toleranceMs = 0, decidedAt = Number.NEGATIVE_INFINITY }: Overrides,
): boolean {
  if (intervalMs === undefined || lastTick === undefined || lastSuccessAt === undefined) return false
  const isSameInterval = Math.floor(tick / intervalMs) === Math.floor(lastTick / intervalMs)
  return lastSuccessAt > decidedAt && isSameInterval && tick - lastTick < intervalMs - toleranceMs
}

/** The settings that the declaration still lets operators override, and can parse: a release may have changed both. */
function allowedSettings(
  { overridableSettings }: Job,
  settings: Overrides['settings'] = {},
): Overrides['settings'] | undefined {
  const allowed = Object.entries(settings).filter(([name, text]) => isValid(overridableSettings[name], text))
  return allowed.length === 0 ? undefined : Object.fromEntries(allowed)
}

function isValid(setting: Job['overridableSettings'][string] | undefined, text: string): boolean {
  try {
    setting?.parse(text)
    return setting !== undefined
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function applySettings(settings: Overrides['settings'], job: Job): Job {
  if (!settings) return job
  const values = Object.entries(settings).map(([name, text]) => [
    name,
    job.overridableSettings[name]?.parse(text),
  ])
  return { ...job, settings: Object.freeze({ ...job.settings, ...Object.fromEntries(values) }) }
}
