import { type Duration, durationText, MINUTE_MS, milliseconds } from '#shared/domain/duration.ts'
import { checkCron, checkZone } from './schedule-checks.ts'
import { DeclarationError, quoted } from './validation.ts'

/** When a job runs: a cron expression of EventBridge Scheduler and its time zone. */
export interface Schedule {
  /** Six fields in their wrapper: `'cron(3/10 * * * ? *)'`. */
  readonly expression: string
  /** IANA time zone: `'America/New_York'`. */
  readonly zone: string
  /** Only where all gaps between occurrences are equal: of `every` and `daily` in UTC. */
  readonly grid?: Grid
}

/** Occurrences at `offsetMs + n * periodMs` in epoch milliseconds, for every whole number `n`. */
export interface Grid {
  readonly periodMs: number
  readonly offsetMs: number
}

/** No schedule: a run starts when a reader meets stale or missing data, or when an operator triggers it. */
export interface OnDemand {
  readonly on: 'demand'
}

/** What triggers a job: a schedule, or requests alone. */
export type Timing = Schedule | OnDemand

/** The latest occurrence at or before an epoch time. */
export function previousOnGrid({ periodMs, offsetMs }: Grid, at: number): number {
  return at - ((((at - offsetMs) % periodMs) + periodMs) % periodMs)
}

/** The schedule of a job; `undefined` for a job that runs on demand and therefore is never overdue. */
export function clockOf(timing: Timing): Schedule | undefined {
  return 'on' in timing ? undefined : timing
}

/** Alignment of an `every` schedule: its offset in whole minutes (0 by default) and its time zone (UTC by default). */
export interface Alignment {
  readonly offset?: Duration
  readonly zone?: string
}

const HOUR = 60
const DAY = 24 * HOUR
const LEGAL_MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, HOUR, 120, 180, 240, 360, 480, 720, DAY]
/**
 * A schedule aligned to the clock: `every('10 minutes', { offset: '3 minutes' })` fires at :03, :13, :23 ...
 *
 * Legal periods divide the hour or the day, so that each tick follows from the clock alone. In a zone with daylight
 * saving time, periods of hours follow the wall clock.
 *
 * @throws {DeclarationError} when the period divides neither the hour nor the day, when the offset is not whole minutes
 *   below the period, or when the zone is unknown
 */
export function every(period: Duration, options: Alignment = {}): Schedule {
  const minutes = milliseconds(period) / MINUTE_MS
  if (!LEGAL_MINUTES.includes(minutes)) {
    const text = typeof period === 'number' ? durationText(period) : period
    throw new DeclarationError(
      `expected a period of whole minutes that divides the hour or the day, got ${quoted(text)}; nearest: ${nearest(minutes)}`,
    )
  }
  const offset = options.offset === undefined ? 0 : milliseconds(options.offset) / MINUTE_MS
  if (!Number.isInteger(offset) || offset >= minutes) {
    throw new DeclarationError(
      `expected an offset of whole minutes below the period of ${durationText(minutes * MINUTE_MS)}, got ${quoted(options.offset)}`,
    )
  }
  return withGrid(cron(`${clockFields(minutes, offset)} * * ? *`, options.zone), {
    periodMs: minutes * MINUTE_MS,
    offsetMs: offset * MINUTE_MS,
  })
}

/**
 * No schedule: reads trigger runs, at most one per freshness period. Data without readers are not refreshed and are
 * never overdue.
 */
export function onDemand(): OnDemand {
  return { on: 'demand' }
}

/**
 * A daily schedule at a wall-clock time: `daily('09:00', 'America/New_York')`.
 *
 * @throws {DeclarationError} when the time is not `HH:MM` on a 24-hour clock or the zone is unknown
 */
export function daily(time: string, zone: string): Schedule {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time)
  if (!match) throw new DeclarationError(`expected a time HH:MM from 00:00 to 23:59, got ${quoted(time)}`)
  const [hour, minute] = [Number(match[1]), Number(match[2])]
  return withGrid(cron(`${minute} ${hour} * * ? *`, zone), {
    periodMs: DAY * MINUTE_MS,
    offsetMs: (hour * HOUR + minute) * MINUTE_MS,
  })
}

/** The clocks of other zones may change, so that gaps differ. */
function withGrid(schedule: Schedule, grid: Grid): Schedule {
  return schedule.zone === 'UTC' ? { ...schedule, grid } : schedule
}

/**
 * A schedule from a cron expression with six fields (minutes, hours, day-of-month, month, day-of-week, year), with or
 * without the `cron(...)` wrapper, in upper or lower case. Does not check that it ever fires: see `neverFires`.
 *
 * @throws {DeclarationError} for `rate(...)` and `at(...)`, a malformed field, when not exactly one of day-of-month and
 *   day-of-week is `?`, or for an unknown zone
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function cron(expression: string, zone = 'UTC'): Schedule {
  const text = expression.trim().toUpperCase()
  const fields = (/^CRON\((.*)\)$/.exec(text)?.[1] ?? text).trim().split(/\s+/)
  checkCron(expression, fields)
  checkZone(zone)
  return { expression: `cron(${fields.join(' ')})`, zone }
}

/** Minutes and hours fields for a legal period and an offset below it, both in minutes. */
function clockFields(period: number, offset: number): string {
  if (period === 1) return '* *'
  if (period < HOUR) return `${offset}/${period} *`
  if (period === HOUR) return `${offset} *`
  const hour = Math.floor(offset / HOUR)
  return `${offset % HOUR} ${period === DAY ? hour : `${hour}/${period / HOUR}`}`
}

function nearest(minutes: number): string {
  const below = LEGAL_MINUTES.findLast((legalPeriod) => legalPeriod < minutes)
  const above = LEGAL_MINUTES.find((legalPeriod) => legalPeriod > minutes)
  return [below, above]
    .filter((period) => period !== undefined)
    .map((period) => `'${durationText(period * MINUTE_MS)}'`)
    .join(' or ')
}
