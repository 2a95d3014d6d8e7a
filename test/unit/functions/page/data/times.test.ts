import fc from 'fast-check'
import { expect, test } from 'vitest'
import { absoluteText, bothTimes, clockText, durationText, relativeText } from '#functions/page/data/times.ts'

const BERLIN = 'Europe/Berlin'
const at = (text: string) => Date.parse(text)

test.each([
  [-1, '0 s'],
  [0, '0 s'],
  [999, '0 s'],
  [1_000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [61_000, '1 min 1 s'],
  [599_999, '9 min 59 s'],
  [600_000, '10 min'],
  [659_000, '10 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [35_999_999, '9 h 59 min'],
  [36_000_000, '10 h'],
  [86_399_999, '23 h'],
  [86_400_000, '1 d'],
  [129_600_000, '1 d 12 h'],
  [777_600_000, '9 d'],
  [34_560_000_000, '400 d'],
])('%i milliseconds are "%s"', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test.each([
  [0, 'now'],
  [999, 'now'],
  [-999, 'now'],
  [1_000, 'in 1 s'],
  [-1_000, '1 s ago'],
  [90_000, 'in 1 min 30 s'],
  [-180_000, '3 min ago'],
])('a time %i milliseconds from now is "%s"', (distance, text) => {
  const now = at('2026-11-29T08:33:00Z')

  expect(relativeText(now + distance, now)).toBe(text)
})

test('a time in full has its date, its time to the second and its zone', () => {
  const time = at('2026-11-29T08:33:07.999Z')

  expect(absoluteText(time, 'UTC')).toBe('2026-11-29 08:33:07 UTC')
  expect(absoluteText(time, BERLIN)).toBe('2026-11-29 09:33:07 Europe/Berlin')
  expect(absoluteText(time)).toBe('2026-11-29 08:33:07 UTC')
})

test('midnight is hour 0 of the new day', () => {
  expect(absoluteText(at('2026-11-28T23:00:00Z'), BERLIN)).toBe('2026-11-29 00:00:00 Europe/Berlin')
  expect(clockText(at('2026-11-28T23:00:00Z'), BERLIN)).toBe('00:00')
})

test('the hour that a change of clocks leaves out is in no text', () => {
  const times = ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z'].map(at)

  expect(times.map((time) => absoluteText(time, BERLIN))).toEqual([
    '2026-03-29 01:59:59 Europe/Berlin',
    '2026-03-29 03:00:00 Europe/Berlin',
  ])
  expect(times.map((time) => clockText(time, BERLIN))).toEqual(['01:59', '03:00'])
})

test('the hours that a change of clocks repeats have their offset, and no others', () => {
  const times = [
    '2026-10-24T23:30:00Z',
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:30:00Z',
    '2026-10-25T02:30:00Z',
  ]

  expect(times.map((time) => absoluteText(at(time), BERLIN))).toEqual([
    '2026-10-25 01:30:00 Europe/Berlin',
    '2026-10-25 02:30:00 GMT+2 Europe/Berlin',
    '2026-10-25 02:30:00 GMT+1 Europe/Berlin',
    '2026-10-25 03:30:00 Europe/Berlin',
  ])
})

test('two times that differ by whole minutes never have the same text', () => {
  const change = at('2026-11-01T06:00:00Z')
  const minute = fc.integer({ min: -300, max: 300 })
  fc.assert(
    fc.property(minute, minute, (one, other) => {
      const [first, second] = [one, other].map((n) => absoluteText(change + n * 60_000, 'America/New_York'))

      expect(first === second).toBe(one === other)
    }),
  )
})

test('a time is written in the zone of the schedule too, where that differs', () => {
  const time = at('2026-11-29T08:33:00Z')

  expect(bothTimes(time)).toBe('2026-11-29 08:33:00 UTC')
  expect(bothTimes(time, 'UTC')).toBe('2026-11-29 08:33:00 UTC')
  expect(bothTimes(time, 'America/New_York')).toBe(
    '2026-11-29 08:33:00 UTC, 2026-11-29 03:33:00 America/New_York',
  )
})
