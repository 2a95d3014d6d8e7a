import { expect, test } from 'vitest'
import { simulateDerived } from './derived.ts'

const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1)

test('I1, I4 and I12 hold for data that are derived from items of another job, and each value follows from a stored input; explanations name inputs as they are', async () => {
  let values = 0
  const violated: Record<number, readonly string[]> = {}
  for (const seed of SEEDS) {
    const { violations, stored } = await simulateDerived(seed)

    values += stored
    if (violations.length > 0) violated[seed] = violations.slice(0, 3)
  }

  expect(violated).toEqual({})
  expect(values).toBeGreaterThan(20 * SEEDS.length)
})
