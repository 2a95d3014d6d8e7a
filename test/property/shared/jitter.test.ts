import fc from 'fast-check'
import { expect, test } from 'vitest'
import { longestFreshMs, withJitter } from '#shared/domain/freshness.ts'

test('a jittered freshness lies between freshFor and the longest one that the checks count with', () => {
  const policies = fc.record({
    freshForMs: fc.integer({ min: 1_000, max: 31_536_000_000 }),
    serveStaleForMs: fc.constant(0),
    keepForMs: fc.constant(0),
    jitter: fc.double({ min: 0, max: 0.5, noNaN: true }),
  })
  const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  fc.assert(
    fc.property(policies, randoms, (policy, random) => {
      const { freshForMs } = withJitter(policy, () => random)

      expect(freshForMs).toBeGreaterThanOrEqual(policy.freshForMs)
      expect(freshForMs).toBeLessThanOrEqual(longestFreshMs(policy))
      expect(Number.isSafeInteger(freshForMs)).toBe(true)
    }),
  )
})
