import fc from 'fast-check'
import { expect, test } from 'vitest'
import { barShare } from '#functions/page/data/age.ts'

const FRESH_MS = 600_000
const STALE_MS = 21_600_000

test.each([
  ['a new value has no share', 0, 0],
  ['half of the time for which data are fresh is a quarter of the bar', 300_000, 0.25],
  ['the end of that time is the middle', FRESH_MS, 0.5],
  ['half of the time from there to the end of serving is three quarters', 11_100_000, 0.75],
  ['data that are served no longer fill the bar', STALE_MS, 1],
  ['a far older age fills it too', 100 * STALE_MS, 1],
  ['an age below 0, by a clock that differs, has no share', -5_000, 0],
])('%s', (_claim, age, share) => {
  expect(barShare(age, FRESH_MS, STALE_MS)).toBeCloseTo(share, 10)
})

test('data that are served only while they are fresh fill the bar as soon as they are not', () => {
  expect([barShare(1_000, 1_000, 1_000), barShare(1_001, 1_000, 1_000)]).toEqual([0.5, 1])
})

test('the share is within 0 and 1, and never less for an older age', () => {
  const ms = fc.integer({ min: 0, max: 400 * 86_400_000 })
  fc.assert(
    fc.property(ms, ms, ms, ms, (age, older, fresh, further) => {
      const [first, second] = [age, age + older].map((one) => barShare(one, fresh, fresh + further))

      expect(first).toBeGreaterThanOrEqual(0)
      expect(second).toBeLessThanOrEqual(1)
      expect(second).toBeGreaterThanOrEqual(first ?? Number.NaN)
    }),
  )
})
