import { describe, expect, it } from 'vitest'
import { instantOf, localDate, nextMidnight } from '#shared/domain/time.ts'

const NEW_YORK = 'America/New_York'

describe('the date in a zone', () => {
  it.each([
    [NEW_YORK, Date.UTC(2026, 10, 28, 4, 59), '2026-11-27'],
    [NEW_YORK, Date.UTC(2026, 10, 28, 5), '2026-11-28'],
    ['Australia/Sydney', Date.UTC(2020, 2, 15, 23), '2020-03-16'],
  ])('of %s at %i is %s', (zone, at, date) => {
    expect(localDate(zone, at)).toBe(date)
  })
})

describe('the next midnight of New York', () => {
  it.each([
    ['in winter', Date.UTC(2026, 10, 20, 20), Date.UTC(2026, 10, 21, 5)],
    ['at midnight', Date.UTC(2026, 10, 21, 5), Date.UTC(2026, 10, 22, 5)],
    ['on a day of 25 hours', Date.UTC(2026, 10, 1, 4), Date.UTC(2026, 10, 2, 5)],
    ['on a day of 23 hours', Date.UTC(2027, 2, 14, 6), Date.UTC(2027, 2, 15, 4)],
  ])('%s is that of its own offset', (_, now, midnight) => {
    expect(nextMidnight(NEW_YORK, now)).toBe(midnight)
  })
})

it('the time of a local time is that of its offset', () => {
  expect(instantOf(NEW_YORK, Date.UTC(2026, 6, 1, 9, 30))).toBe(Date.UTC(2026, 6, 1, 13, 30))
})
