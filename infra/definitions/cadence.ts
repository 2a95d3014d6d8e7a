import type { Job } from '#shared/declare/job.ts'
import { longestGap, occurrences, perDay } from '#shared/declare/occurrences.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { DAY_MS, MINUTE_MS } from '#shared/domain/duration.ts'

/** How often a schedule fires. */
export interface Cadence {
  /** From one tick to the next where they are closest: after so long a delivery is of no use any more. */
  readonly shortestMs: number
  /** Where they are furthest apart: what freshness has to cover. */
  readonly longestMs: number
  readonly perDay: number
  /** Minutes of the UTC day at which it fires, on whatever day. */
  readonly minutes: ReadonlySet<number>
}

/** A fixed year, so that the same declarations give the same template on any day. */
const SAMPLE_FROM = Date.UTC(2026, 0, 1)
const SAMPLE_UNTIL = Date.UTC(2027, 0, 1)
/** More than a day of every minute, and all of a year of days. */
const MAX_TICKS = 1_500
const MINUTES_A_DAY = 1_440

const cadenceCache = new Map<string, Cadence>()

/** The cadence of a schedule; `Infinity` for one that does not fire twice. */
export function cadenceOf(schedule: Schedule): Cadence {
  const name = `${schedule.expression} ${schedule.zone}`
  const found = cadenceCache.get(name)
  if (found) return found
  const ticks = occurrences(schedule, { after: SAMPLE_FROM, until: SAMPLE_UNTIL, limit: MAX_TICKS })
  const gaps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? tick))
  const cadence = {
    shortestMs: Math.min(...gaps),
    longestMs: longestGap(schedule, SAMPLE_FROM),
    perDay: perDay(schedule, SAMPLE_FROM),
    minutes: new Set(ticks.map((tick) => (tick / MINUTE_MS) % MINUTES_A_DAY)),
  }
  cadenceCache.set(name, cadence)
  return cadence
}

/**
 * The cadence of a job. Of one that runs on demand, as often as readers can have it run: as soon as what it publishes
 * is not fresh any more, at any minute.
 */
export function cadenceOfJob({ schedule, freshness }: Pick<Job, 'schedule' | 'freshness'>): Cadence {
  const clock = clockOf(schedule)
  if (clock) return cadenceOf(clock)
  const { freshForMs } = freshness
  const step = Math.max(1, Math.floor(freshForMs / MINUTE_MS))
  const minutes = Array.from({ length: Math.ceil(MINUTES_A_DAY / step) }, (_, index) => index * step)
  return {
    shortestMs: freshForMs,
    longestMs: freshForMs,
    perDay: Math.ceil(DAY_MS / freshForMs),
    minutes: new Set(minutes),
  }
}

/** Jobs that run: the others have no schedule, no alarm and no row on the dashboards. */
export function activeJobs(jobs: readonly Job[]): Job[] {
  return jobs.filter(({ off }) => off === undefined)
}
