import { type Duration, durationText, MINUTE_MS, milliseconds } from '#shared/domain/duration.ts'
import { DeclarationError } from './validation.ts'

/** When a job runs: a cron expression of EventBridge Scheduler and its time zone. */
export interface Schedule {
  /** Six fields in their wrapper: `'cron(3/10 * * * ? *)'`. */
  readonly expression: string
  /** IANA time zone: `'America/New_York'`. */
  readonly zone: string
}

/** No schedule: a run starts when a reader meets stale or missing data, or when an operator triggers it. */
export interface OnDemand {
  readonly on: 'demand'
}

/** What triggers a job: a schedule, or requests alone. */
export type Timing = Schedule | OnDemand

/** The schedule of a job; `undefined` for a job that runs on demand and therefore is never overdue. */
export function clockOf(timing: Timing): Schedule | undefined {
  return 'on' in timing ? undefined : timing
}

/** Alignment of an `every` schedule: its offset in whole minutes (0 by default) and its time zone (UTC by default). */
export interface Alignment {
  readonly offset?: Duration
  readonly zone?: string
}

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
  /** Further forms of the whole field, apart from `*`, values, ranges, steps and lists. */
  readonly special?: RegExp
  readonly expects: string
}

const HOUR = 60
const DAY = 24 * HOUR
const LEGAL_MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, HOUR, 120, 180, 240, 360, 480, 720, DAY]
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const FIELDS: readonly Field[] = [
  { name: 'minutes', min: 0, max: 59, expects: '0-59' },
  { name: 'hours', min: 0, max: 23, expects: '0-23' },
  {
    name: 'day-of-month',
    min: 1,
    max: 31,
    special: /^(?:\?|L|LW|(?:[1-9]|[12]\d|3[01])W)$/,
    expects: '1-31, ?, L, LW or a day such as 15W',
  },
  { name: 'month', min: 1, max: 12, names: MONTHS, expects: '1-12 or JAN-DEC' },
  {
    name: 'day-of-week',
    min: 1,
    max: 7,
    names: WEEKDAYS,
    special: /^(?:\?|(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:L|#[1-5]))$/,
    expects: '1-7 or SUN-SAT, ?, a last weekday such as FRIL or an nth one such as FRI#3',
  },
  { name: 'year', min: 1970, max: 2199, expects: '1970-2199' },
]

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
  return cron(`${clockFields(minutes, offset)} * * ? *`, options.zone)
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
  return cron(`${Number(match[2])} ${Number(match[1])} * * ? *`, zone)
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
  expectCronText(text, expression)
  const fields = (/^CRON\((.*)\)$/.exec(text)?.[1] ?? text).trim().split(/\s+/)
  if (fields.length !== FIELDS.length) {
    throw new DeclarationError(
      `expected six fields (${FIELDS.map((field) => field.name).join(', ')}), got ${fields.length} in ${quoted(expression)}`,
    )
  }
  FIELDS.forEach((field, index) => {
    const value = fields[index] ?? ''
    if (!isLegalField(field, value)) {
      throw new DeclarationError(
        `expected ${field.name} of ${field.expects}, got ${quoted(value)} in ${quoted(expression)}`,
      )
    }
  })
  if ((fields[2] === '?') === (fields[4] === '?')) {
    throw new DeclarationError(
      `expected exactly one of day-of-month and day-of-week to be ?, got ${quoted(fields[2])} and ${quoted(fields[4])} in ${quoted(expression)}`,
    )
  }
  return { expression: `cron(${fields.join(' ')})`, zone: checkedZone(zone) }
}

function expectCronText(text: string, expression: string): void {
  if (/^RATE\b/.test(text)) {
    throw new DeclarationError(
      `expected cron text, got ${quoted(expression)}: a rate has no anchor from which a missed tick could be computed; use every(...)`,
    )
  }
  if (/^AT\b/.test(text)) {
    throw new DeclarationError(
      `expected cron text, got ${quoted(expression)}: an at expression fires once, so the data would not stay fresh`,
    )
  }
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

function isLegalField(field: Field, text: string): boolean {
  if (text === '*' || field.special?.test(text)) return true
  return text.split(',').every((item) => isLegalItem(field, item))
}

/** One item of a list: a value, a range, or a step from `*`, a value or a range. */
function isLegalItem(field: Field, item: string): boolean {
  const match = /^(?:(\*)|([A-Z\d]+)(?:-([A-Z\d]+))?)(?:\/(\d+))?$/.exec(item)
  if (!match) return false
  const [, star, first, last, step] = match
  if (step !== undefined && !(Number(step) >= 1 && Number(step) <= field.max)) return false
  if (star) return step !== undefined
  const from = numberOf(field, first)
  const to = last === undefined ? field.max : numberOf(field, last)
  return from >= field.min && to <= field.max && from <= to
}

function numberOf(field: Field, text = ''): number {
  const index = field.names?.indexOf(text) ?? -1
  if (index >= 0) return index + field.min
  return /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
}

/**
 * Returns the name of a time zone unchanged.
 *
 * @throws {DeclarationError} for an unknown name or another spelling
 */
export function checkedZone(zone: string): string {
  const canonical = canonicalZone(zone)
  const isMiscased = canonical !== zone && canonical?.toLowerCase() === zone.toLowerCase()
  if (canonical && !isMiscased && /^[A-Z]/.test(zone)) return zone
  throw new DeclarationError(
    `expected an IANA time zone such as ${isMiscased ? quoted(canonical) : "'Europe/Berlin'"}, got ${quoted(zone)}`,
  )
}

function canonicalZone(zone: string): string | undefined {
  // most schedules have it, and a formatter is expensive where functions start
  if (zone === 'UTC') return zone
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
