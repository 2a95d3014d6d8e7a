import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type FundamentalInputs,
  fundamentalScores,
  unitSuspect,
} from '#shared/analysis/portfolio/fundamental-scores.ts'
import { targetPosition } from '#shared/analysis/portfolio/position-scores.ts'

const RISING = ['roe', 'roa', 'margin', 'revenue_growth', 'earnings_growth', 'current_ratio'] as const
const FALLING = ['pe', 'pb', 'peg', 'debt_to_equity'] as const
const NAMES = [...RISING, ...FALLING]

const anyFigure = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -50, max: 200, noNaN: true }) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constant(null) },
)
const anyInputs = fc.record(
  Object.fromEntries(NAMES.map((name) => [name, anyFigure])),
) as unknown as fc.Arbitrary<FundamentalInputs>
const nothing = Object.fromEntries(NAMES.map((name) => [name, null])) as FundamentalInputs

const scoreOf = (name: (typeof NAMES)[number], figure: number) =>
  fundamentalScores({ ...nothing, [name]: figure }).sub_scores[name] ?? Number.NaN

describe('fundamental scores', () => {
  it('are from 0 to 100 or null with a reason, whatever the figures', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const { sub_scores, reasons, coverage, ...scores } = fundamentalScores(inputs)

        for (const [name, score] of Object.entries({ ...sub_scores, ...scores })) {
          expect(score === null ? Object.hasOwn(reasons, name) : score >= 0 && score <= 100).toBe(true)
        }
        expect(coverage >= 0 && coverage <= 1).toBe(true)
      }),
    )
  })

  it.each(RISING)('do not fall with a higher %s', (name) => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 200, noNaN: true }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        (figure, more) => {
          expect(scoreOf(name, figure + more)).toBeGreaterThanOrEqual(scoreOf(name, figure) - 1e-12)
        },
      ),
    )
  })

  it.each(FALLING)('do not rise with a higher %s', (name) => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 200, noNaN: true }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        (figure, more) => {
          expect(scoreOf(name, figure + more)).toBeLessThanOrEqual(scoreOf(name, figure) + 1e-12)
        },
      ),
    )
  })
})

it('a target position does not fall with a higher score', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_999 }), (hundredths) => {
      const score = hundredths / 100

      expect(targetPosition(score + 0.01)).toBeGreaterThanOrEqual(targetPosition(score) - 1e-12)
    }),
  )
})

it('a change of unit is suspected in both directions alike', () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), (stored, next) => {
      expect(unitSuspect(stored, next)).toBe(unitSuspect(next, stored))
    }),
  )
})
