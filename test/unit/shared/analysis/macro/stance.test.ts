import { describe, expect, it } from 'vitest'
import { policyStance } from '#shared/analysis/macro/stance.ts'

describe('the stance of monetary policy', () => {
  it.each([
    ['Accommodative', 0.25, 25, 1.5],
    ['Slightly Accommodative', 0.25, 10, 1.5],
    ['Slightly Accommodative', 2, 25, 1.5],
    ['Slightly Accommodative', 2.99, 4, 9],
    ['Neutral', 3, 4, 9],
    ['Neutral', 5.33, 4, 3],
    ['Slightly Restrictive', 5.33, 4, 3.7],
    ['Slightly Restrictive', 4, 4, 9],
    ['Slightly Restrictive', 5.33, 4, 5],
    ['Restrictive', 4.01, 4, 5.01],
  ])(
    'is %s at a rate of %d %%, M2 growth of %d %% and inflation of %d %%',
    (stance, rate, m2Growth, inflation) => {
      expect(policyStance({ rate, m2Growth, inflation })).toBe(stance)
    },
  )

  it.each(['rate', 'm2Growth', 'inflation'])('is null without the %s', (name) => {
    expect(policyStance({ rate: 5, m2Growth: 4, inflation: 6, [name]: null })).toBeNull()
  })

  it('of an input of 0 is not that of a missing input', () => {
    expect(policyStance({ rate: 0, m2Growth: 0, inflation: 0 })).toBe('Slightly Accommodative')
  })
})
