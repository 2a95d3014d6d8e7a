import { expect, it } from 'vitest'
import { isPeriodDate, newestPeriodDate } from '#shared/analysis/macro/periods.ts'

it.each([
  ['calendar-daily', '2026-11-22', true],
  ['daily', '2026-11-20', true],
  ['daily', '2026-11-21', false],
  ['daily', '2026-11-22', false],
  ['weekly', '2026-11-21', true],
  ['weekly', '2026-11-20', false],
  ['monthly', '2026-10-01', true],
  ['monthly', '2026-10-02', false],
  ['quarterly', '2026-07-01', true],
  ['quarterly', '2026-08-01', false],
  ['quarterly', '2026-07-02', false],
] as const)('whether a period of a %s series can have the date %s: %s', (frequency, date, isDate) => {
  expect(isPeriodDate(date, frequency)).toBe(isDate)
})

it.each([
  ['daily', '2026-11-20', '2026-11-20'],
  ['calendar-daily', '2026-11-20', '2026-11-20'],
  ['weekly', '2026-11-20', '2026-11-20'],
  ['monthly', '2026-11-30', '2026-10-01'],
  ['monthly', '2026-12-01', '2026-11-01'],
  ['monthly', '2027-01-15', '2026-12-01'],
  ['quarterly', '2026-09-30', '2026-04-01'],
  ['quarterly', '2026-10-01', '2026-07-01'],
  ['quarterly', '2027-02-15', '2026-10-01'],
] as const)('the newest period of a %s series on %s has the date %s', (frequency, day, date) => {
  expect(newestPeriodDate(frequency, Date.parse(`${day}T12:00Z`))).toBe(date)
})
