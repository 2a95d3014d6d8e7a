import { expect, test } from 'vitest'
import { dayCell, hourCell } from '#functions/page/data/cells.ts'

const AT = '2026-11-29T08:00:00Z'

test.each([
  ['without a run is empty', { runs: 0, failed: 0, missed: 0 }, 'none'],
  ['whose runs all succeeded is good', { runs: 12, failed: 0, missed: 0 }, 'good'],
  ['with a failed run among others is mixed', { runs: 12, failed: 1, missed: 0 }, 'some'],
  ['with a missed tick among runs is mixed', { runs: 11, failed: 0, missed: 1 }, 'some'],
  ['whose runs all failed is bad', { runs: 2, failed: 2, missed: 0 }, 'bad'],
  ['whose ticks were all missed is bad', { runs: 0, failed: 0, missed: 12 }, 'bad'],
  ['whose runs failed and whose other ticks were missed is bad', { runs: 1, failed: 1, missed: 11 }, 'bad'],
])('an hour %s', (_claim, counts, kind) => {
  expect(hourCell({ at: AT, ...counts }).kind).toBe(kind)
})

test('the figures of an hour are in its text too', () => {
  expect(hourCell({ at: AT, runs: 12, failed: 2, missed: 1 }).text).toBe(
    '08:00 UTC: 12 runs, 2 failed, 1 missed',
  )
})

test.each([
  [0, 'good', '2026-11-29: never overdue'],
  [1, 'some', '2026-11-29: overdue for 1 s'],
  [8_640, 'some', '2026-11-29: overdue for 2 h 24 min'],
  [8_641, 'bad', '2026-11-29: overdue for 2 h 24 min'],
  [86_400, 'bad', '2026-11-29: overdue for 1 d'],
])('a day that was overdue for %i seconds is %s', (overdueSeconds, kind, text) => {
  expect(dayCell({ date: '2026-11-29', overdue_seconds: overdueSeconds })).toEqual({ kind, text })
})
