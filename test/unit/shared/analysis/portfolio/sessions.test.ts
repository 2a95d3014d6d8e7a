import { describe, expect, it } from 'vitest'
import { isRecentBar, lastFinishedSession, weekdaysBetween } from '#shared/analysis/portfolio/sessions.ts'

describe('the last finished session of New York', () => {
  it.each([
    ['2026-11-25T21:29:59Z', '2026-11-24'],
    ['2026-11-25T21:30:00Z', '2026-11-25'],
    ['2026-07-15T20:29:59Z', '2026-07-14'],
    ['2026-07-15T20:30:00Z', '2026-07-15'],
    ['2026-11-28T12:00:00Z', '2026-11-27'],
    ['2026-11-29T23:00:00Z', '2026-11-27'],
    ['2026-11-30T12:00:00Z', '2026-11-27'],
    ['2026-11-01T12:00:00Z', '2026-10-30'],
    ['2027-03-15T20:30:00Z', '2027-03-15'],
  ])('at %s is %s', (now, session) => {
    expect(lastFinishedSession(Date.parse(now))).toBe(session)
  })
})

describe('weekdays between two dates', () => {
  it.each([
    ['2026-11-27', '2026-11-27', 0],
    ['2026-11-26', '2026-11-27', 1],
    ['2026-11-27', '2026-11-29', 0],
    ['2026-11-27', '2026-11-30', 1],
    ['2026-11-28', '2026-11-30', 1],
    ['2026-11-20', '2026-11-27', 5],
    ['2026-11-27', '2026-11-20', 0],
    ['1969-12-29', '1970-01-05', 5],
  ])('from %s to %s are %i', (from, to, count) => {
    expect(weekdaysBetween(from, to)).toBe(count)
  })
})

it.each([
  ['2026-08-31', false],
  ['2026-11-17', false],
  ['2026-11-18', true],
  ['2026-11-27', true],
])('a newest bar of %s is recent on 2026-11-28: %s (1.1)', (date, recent) => {
  expect(isRecentBar(date, lastFinishedSession(Date.parse('2026-11-28T12:00:00Z')))).toBe(recent)
})
