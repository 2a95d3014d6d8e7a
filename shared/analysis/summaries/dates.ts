import { isCalendarDate } from '#shared/domain/time.ts'
import type { Facts } from './facts.ts'

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]
const MONTH = `(?<month>${MONTHS.join('|')})`
const DAY = '(?<day>\\d{1,2})\\b'
const YEAR = '(?<year>\\d{4})\\b'

/** The forms of a date, the most exact ones first. */
const FORMS = [
  '\\b(?<year>\\d{4})-(?<number>\\d{2})-(?<day>\\d{2})\\b',
  `\\b${DAY} ${MONTH},? ${YEAR}`,
  `\\b${MONTH} ${DAY},? ${YEAR}`,
  `\\b${MONTH} ${YEAR}`,
  `\\b${DAY} ${MONTH}\\b`,
  `\\b${MONTH} ${DAY}`,
  // a year alone, apart from decimals, thousands, units and signs
  `(?<![\\w.,$€£¥\\-\\u2212])${YEAR}(?![.,]\\d|\\s?%|-)`,
].map((form) => new RegExp(form, 'g'))

/** The parts of a date that a text has. */
interface DateParts {
  readonly year: number | undefined
  readonly month: number | undefined
  readonly day: number | undefined
}

/**
 * Whether every date of a text is that of a fact, as far as the text has it. A year alone that is in no fact is a number.
 *
 * @returns what is wrong with the first date that is not; and the text without its dates
 */
export function dateFault(
  text: string,
  facts: Facts,
): { readonly fault: string | undefined; readonly rest: string } {
  const dates = Object.values(facts).filter(isCalendarDate).map(partsOf)
  let fault: string | undefined
  let rest = text
  for (const form of FORMS) {
    rest = rest.replace(form, (match, ...more) => {
      const parts = writtenParts(more.at(-1))
      if (dates.some((date) => isSame(parts, date))) return ' '
      if (parts.month === undefined) return match
      fault ??= `expected only dates of the facts, got ${match}`
      return ' '
    })
  }
  return { fault, rest }
}

function partsOf(date: string): DateParts {
  const [year, month, day] = date.split('-').map(Number)
  return { year, month, day }
}

function writtenParts(groups: Readonly<Record<string, string | undefined>>): DateParts {
  const { year, month, number, day } = groups
  const numberOf = (part: string | undefined) => (part === undefined ? undefined : Number(part))
  return {
    year: numberOf(year),
    month: month === undefined ? numberOf(number) : MONTHS.indexOf(month) + 1,
    day: numberOf(day),
  }
}

function isSame(written: DateParts, { year, month, day }: DateParts): boolean {
  return (
    (written.year === undefined || written.year === year) &&
    (written.month === undefined || written.month === month) &&
    (written.day === undefined || written.day === day)
  )
}
