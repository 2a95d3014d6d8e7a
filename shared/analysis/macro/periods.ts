import { isoText } from '#shared/domain/time.ts'

/** How often a series has an observation: `daily` from Monday to Friday, `weekly` with the date of a Saturday. */
export type Frequency = 'calendar-daily' | 'daily' | 'weekly' | 'monthly' | 'quarterly'

/** Days of the week, Sunday is 0. */
const SATURDAY = 6
const WEEKEND = [0, SATURDAY]
const QUARTER_MONTHS = 3

/**
 * Whether a period of a series can have a date.
 *
 * @param date - a day of the calendar, `YYYY-MM-DD`
 */
export function isPeriodDate(date: string, frequency: Frequency): boolean {
  const at = new Date(date)
  switch (frequency) {
    case 'calendar-daily':
      return true
    case 'daily':
      return !WEEKEND.includes(at.getUTCDay())
    case 'weekly':
      return at.getUTCDay() === SATURDAY
    case 'monthly':
      return at.getUTCDate() === 1
    case 'quarterly':
      return at.getUTCDate() === 1 && at.getUTCMonth() % QUARTER_MONTHS === 0
    default:
      return frequency satisfies never
  }
}

/** The date of the newest period that can have a value: a month or a quarter has to be over. */
export function newestPeriodDate(frequency: Frequency, now: number): string {
  const at = new Date(now)
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  switch (frequency) {
    case 'calendar-daily':
    case 'daily':
    case 'weekly':
      return dateText(now)
    case 'monthly':
      return dateText(Date.UTC(year, month - 1))
    case 'quarterly':
      return dateText(Date.UTC(year, month - (month % QUARTER_MONTHS) - QUARTER_MONTHS))
    default:
      return frequency satisfies never
  }
}

function dateText(at: number): string {
  return isoText(at).slice(0, 10)
}
