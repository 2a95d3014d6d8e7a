import type { Job } from '#shared/declare/job.ts'
import { firesEveryDay, longestGap, occurrences, perDay } from '#shared/declare/occurrences.ts'
import { clockOf, type Grid, type Schedule } from '#shared/declare/schedule.ts'
import { DAY_MS, MINUTE_MS } from '#shared/domain/duration.ts'

/** The frequency of a schedule. */
export interface Cadence {
  /** Shortest time between two ticks; a delivery that is later than that is useless. */
  readonly shortestMs: number
  /** Longest time between two ticks, which `freshFor` has to cover. */
  readonly longestMs: number
  readonly perDay: number
  /** Minutes of the UTC day at which it fires, of all days together. */
  readonly minutes: ReadonlySet<number>
}

/** A fixed year, so that the same declarations give the same template on any day. */
const SAMPLE_FROM = Date.UTC(2026, 0, 1)
const SAMPLE_UNTIL = Date.UTC(2027, 0, 1)
/** Enough for a schedule whose days are all the same. */
const DAILY_SAMPLE_UNTIL = SAMPLE_FROM + 2 * DAY_MS
/** More than the minutes of a day, and than the days of a year. */
const MAX_TICKS = 1_500
const MINUTES_A_DAY = 1_440

const cadenceCache = new Map<string, Cadence>()

/** The cadence of a schedule; `Infinity` for one that does not fire twice. */
export function cadenceOf(schedule: Schedule): Cadence {
  const name = `${schedule.expression} ${schedule.zone}`
  const cached = cadenceCache.get(name)
  if (cached) return cached
  const cadence = schedule.grid ? cadenceOfGrid(schedule.grid) : cadenceOfCalendar(schedule)
  cadenceCache.set(name, cadence)
  return cadence
}

function cadenceOfGrid({ periodMs, offsetMs }: Grid): Cadence {
  return {
    shortestMs: periodMs,
    longestMs: periodMs,
    ...everyMinutes(periodMs / MINUTE_MS, offsetMs / MINUTE_MS),
  }
}

function cadenceOfCalendar(schedule: Schedule): Cadence {
  const until = schedule.zone === 'UTC' && firesEveryDay(schedule) ? DAILY_SAMPLE_UNTIL : SAMPLE_UNTIL
  const ticks = occurrences(schedule, { after: SAMPLE_FROM, until, limit: MAX_TICKS })
  const gaps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? tick))
  return {
    shortestMs: Math.min(...gaps),
    longestMs: longestGap(schedule, SAMPLE_FROM),
    perDay: perDay(schedule, SAMPLE_FROM),
    minutes: new Set(ticks.map((tick) => (tick / MINUTE_MS) % MINUTES_A_DAY)),
  }
}

/** One tick each `step` minutes of a day, from its minute `first`. */
function everyMinutes(step: number, first = 0): Pick<Cadence, 'perDay' | 'minutes'> {
  const perDay = Math.ceil(MINUTES_A_DAY / step)
  return { perDay, minutes: new Set(Array.from({ length: perDay }, (_, index) => first + index * step)) }
}

/**
 * The cadence of a job. For a job that runs on demand, the highest one that readers can cause: a run at any minute, as
 * soon as the published data are no longer fresh.
 */
export function cadenceOfJob({ schedule, freshness }: Pick<Job, 'schedule' | 'freshness'>): Cadence {
  const clock = clockOf(schedule)
  if (clock) return cadenceOf(clock)
  const { freshForMs } = freshness
  return {
    shortestMs: freshForMs,
    longestMs: freshForMs,
    perDay: Math.ceil(DAY_MS / freshForMs),
    minutes: everyMinutes(Math.max(1, Math.floor(freshForMs / MINUTE_MS))).minutes,
  }
}

/** Jobs that are not off. A job that is off has no schedule, no alarm and no row on the dashboards. */
export function activeJobs<J extends Pick<Job, 'off'>>(jobs: readonly J[]): J[] {
  return jobs.filter(({ off }) => off === undefined)
}
