import { expect, it } from 'vitest'
import { hamaSignal } from '#shared/analysis/hama.ts'

const up = { index: 1, direction: 1 } as const
const down = { index: 1, direction: -1 } as const

it.each([
  ['BUY', 100.5, 'uptrend', up],
  ['SELL', 99.5, 'downtrend', down],
] as const)(
  '%s needs the cross and the side of the average to agree',
  (recommendation, close, trend, cross) => {
    const agreed = hamaSignal(close, 100, cross)
    const wrongSide = hamaSignal(200 - close, 100, cross)
    const neverCrossed = hamaSignal(close, 100, undefined)

    expect(agreed).toMatchObject({ recommendation, trend })
    expect(wrongSide).toMatchObject({ recommendation: 'HOLD', trend: 'sideways', confidence: 0.3 })
    expect(neverCrossed).toMatchObject({ recommendation: 'HOLD', trend: 'sideways', confidence: 0.3 })
  },
)

it('there is no recommendation nearer than 0.1 percent', () => {
  const judged = [1000, 1000.9, 1001, 1001.1].map((close) => hamaSignal(close, 1000, up).recommendation)

  expect(judged).toEqual(['HOLD', 'HOLD', 'BUY', 'BUY'])
})

it('strength follows from the deviation, both limits belonging to the weaker side', () => {
  const strengths = [100, 100.25, 100.5, 101, 101.25, 98.5].map(
    (close) => hamaSignal(close, 100, up).strength,
  )

  expect(strengths).toEqual(['weak', 'weak', 'moderate', 'moderate', 'strong', 'strong'])
  expect(hamaSignal(1003, 1000, up)).toMatchObject({ deviationPct: 0.3, strength: 'weak' })
})

it('confidence grows with the deviation and ends at 1', () => {
  const confidences = [101, 101.5, 250].map((close) => hamaSignal(close, 100, up).confidence)

  expect(confidences).toEqual([0.7 + 0.2, 0.7 + 0.3, 1])
})

it.each([
  ['close', null, 100],
  ['average', 100, null],
  ['positive average', 100, 0],
] as const)('without a %s nothing is judged', (_, close, average) => {
  expect(hamaSignal(close, average, up)).toEqual({
    deviationPct: null,
    recommendation: 'HOLD',
    trend: 'sideways',
    strength: null,
    confidence: null,
  })
})
