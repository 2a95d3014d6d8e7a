import type { Job } from '#shared/declare/job.ts'
import type { Control, Overrides } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'

/** What operators hold in place of a declaration, as far as that allows it; `undefined` when it is nothing. */
export function activeOverrides(job: Job, { overrides }: Control): Overrides | undefined {
  const { overridable } = job
  const { intervalMs, toleranceMs, items, decidedAt } = overrides ?? {}
  const isThinned = intervalMs !== undefined && overridable.includes('interval')
  const isNarrowed = items !== undefined && overridable.includes('items')
  const settings = legalSettings(job, overrides?.settings)
  if (!isThinned && !isNarrowed && !settings) return undefined
  return {
    ...(isThinned ? { intervalMs } : {}),
    ...(isThinned && toleranceMs !== undefined ? { toleranceMs } : {}),
    ...(isThinned && decidedAt !== undefined ? { decidedAt } : {}),
    ...(isNarrowed ? { items } : {}),
    ...(settings ? { settings } : {}),
  }
}

/**
 * A job under overrides: it has their settings, and what it publishes stays fresh from one of its rarer runs to the end
 * of the next, so that nothing is overdue that nobody is to refresh.
 */
export function applyOverrides(overrides: Overrides | undefined, job: Job): Job {
  const under = applySettings(overrides?.settings, job)
  if (overrides?.intervalMs === undefined) return under
  const { freshness } = job
  const freshForMs = Math.max(freshness.freshForMs, minFreshMs(overrides.intervalMs, job))
  const serveStaleForMs = Math.max(freshness.serveStaleForMs, freshForMs)
  const keepForMs = Math.max(freshness.keepForMs, serveStaleForMs)
  return { ...under, freshness: { ...freshness, freshForMs, serveStaleForMs, keepForMs } }
}

/** For how long data have to be fresh at least, when they are refreshed every so often. */
export function minFreshMs(everyMs: number, { spreadMs, run }: Pick<Job, 'spreadMs' | 'run'>): number {
  return everyMs + spreadMs + run.deadlineMs
}

/**
 * Whether an override leaves a tick out: the last one that succeeded is closer than the override's interval, give or
 * take what clocks that change need, and in the same interval. Intervals are counted from the epoch on, so that every
 * 15 minutes means soon after each quarter of an hour, whenever that was decided. The first tick after the override was
 * made runs: what was published before is fresh for the declared time only.
 */
export function isLeftOutByInterval(
  tick: number,
  { lastTick, lastSuccessAt }: Pick<JobState, 'lastTick' | 'lastSuccessAt'>,
  { intervalMs, toleranceMs = 0, decidedAt = Number.NEGATIVE_INFINITY }: Overrides,
): boolean {
  if (intervalMs === undefined || lastTick === undefined || lastSuccessAt === undefined) return false
  const isSameInterval = Math.floor(tick / intervalMs) === Math.floor(lastTick / intervalMs)
  return lastSuccessAt > decidedAt && isSameInterval && tick - lastTick < intervalMs - toleranceMs
}

/** Those that the declaration lets be overridden, and reads: a release may have changed either since. */
function legalSettings(
  { overridableSettings }: Job,
  settings: Overrides['settings'] = {},
): Overrides['settings'] | undefined {
  const legal = Object.entries(settings).filter(([name, text]) => isLegal(overridableSettings[name], text))
  return legal.length === 0 ? undefined : Object.fromEntries(legal)
}

function isLegal(setting: Job['overridableSettings'][string] | undefined, text: string): boolean {
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
