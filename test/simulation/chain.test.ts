import { expect, test } from 'vitest'
import { simulateChain } from './chain.ts'

const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1)

test('I1, I4, I5, I8 and I12 hold for tasks that follow another job, whatever is killed, freezes, fails or is delivered twice', async () => {
  const ended = new Set<string>()
  const violated: Record<number, readonly string[]> = {}
  for (const seed of SEEDS) {
    const { violations, states } = await simulateChain(seed)

    for (const state of states) ended.add(state)
    if (violations.length > 0) violated[seed] = violations.slice(0, 3)
  }

  expect(violated).toEqual({})
  expect([...ended]).toEqual(expect.arrayContaining(['SUCCEEDED', 'PARTIAL', 'FAILED', 'TIMED_OUT']))
})
