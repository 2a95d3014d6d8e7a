import { DeclarationError, quoted } from './validation.ts'

/* The checks of schedules. As those of jobs, bundles leave them out (`infra/bundle/declaration-stub.ts`). */

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
  /** Further forms of the whole field, apart from `*`, values, ranges, steps and lists. */
  readonly special?: RegExp
  readonly expects: string
}

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
 * Checks the fields of a cron expression.
 *
 * @param expression - as it is declared, for messages
 * @param fields - its fields, in upper case
 * @throws {DeclarationError} for `rate(...)` and `at(...)`, a malformed field, and when not exactly one of day-of-month
 *   and day-of-week is `?`
 */
export function checkCron(expression: string, fields: readonly string[]): void {
  expectCronText(fields[0] ?? '', expression)
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
}

/**
 * Checks the name of a time zone.
 *
 * @throws {DeclarationError} for an unknown name or another spelling
 */
export function checkZone(zone: string): void {
  const canonical = canonicalZone(zone)
  const isMiscased = canonical !== zone && canonical?.toLowerCase() === zone.toLowerCase()
  if (canonical && !isMiscased && /^[A-Z]/.test(zone)) return
  throw new DeclarationError(
    `expected an IANA time zone such as ${isMiscased ? quoted(canonical) : "'Europe/Berlin'"}, got ${quoted(zone)}`,
  )
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
