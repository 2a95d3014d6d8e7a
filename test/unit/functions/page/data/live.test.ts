import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextWaitMs } from '#functions/page/data/live.ts'

test.each([
  ['after a success the wait is the period', 10_000, 0, 10_000],
  ['each failure doubles it', 10_000, 3, 80_000],
  ['it ends at two minutes', 10_000, 4, 120_000],
  ['it stays there after a night of failures', 10_000, 5_000, 120_000],
  ['a period of more than two minutes is not shortened by a failure', 300_000, 1, 300_000],
])('%s', (_claim, period, failures, wait) => {
  expect(nextWaitMs(period, failures)).toBe(wait)
})

test('the wait is at least the period, and never less after one more failure', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_600_000 }), fc.nat(2_000), (period, failures) => {
      const wait = nextWaitMs(period, failures)

      expect(wait).toBeGreaterThanOrEqual(period)
      expect(nextWaitMs(period, failures + 1)).toBeGreaterThanOrEqual(wait)
    }),
  )
})
