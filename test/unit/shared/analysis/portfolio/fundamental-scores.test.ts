import { describe, expect, it } from 'vitest'
import {
  type FundamentalInputs,
  fundamentalScores,
  unitSuspect,
} from '#shared/analysis/portfolio/fundamental-scores.ts'

const ordinary: FundamentalInputs = {
  pe: 20,
  pb: 2,
  peg: 1.5,
  roe: 18,
  roa: 6,
  margin: 12,
  revenue_growth: 8,
  earnings_growth: 20,
  current_ratio: 1.2,
  debt_to_equity: 1.54,
}

const none = Object.fromEntries(Object.keys(ordinary).map((name) => [name, null])) as FundamentalInputs

describe('the documented examples', () => {
  const scores = fundamentalScores(ordinary)

  it.each<[keyof FundamentalInputs, number]>([
    ['pe', 75],
    ['pb', 75],
    ['peg', 75],
    ['roe', 82],
    ['roa', 74],
    ['margin', 74],
    ['revenue_growth', 56],
    ['earnings_growth', 76.6667],
    ['current_ratio', 58],
    ['debt_to_equity', 69.3701],
  ])('an ordinary company: %s scores %f', (name, score) => {
    expect(scores.sub_scores[name]).toBeCloseTo(score, 4)
  })

  it.each<[string, Partial<FundamentalInputs>, number[], number]>([
    ['an ordinary company', {}, [75, 76.6667, 66.3333, 63.685], 70.4213],
    [
      'a strong company',
      {
        pe: 10,
        pb: 0.5,
        peg: 0.5,
        roe: 35,
        roa: 15,
        margin: 25,
        revenue_growth: 40,
        earnings_growth: 60,
        current_ratio: 5,
        debt_to_equity: 0.2,
      },
      [94.4444, 96.6667, 97.5, 97.2222],
      96.4583,
    ],
    [
      'a weak company',
      {
        pe: 120,
        pb: 12,
        peg: 6,
        roe: -5,
        roa: -2,
        margin: -3,
        revenue_growth: -10,
        earnings_growth: -20,
        current_ratio: 0.5,
        debt_to_equity: 9,
      },
      [0, 0, 0, 25],
      6.25,
    ],
  ])('%s', (_, inputs, groups, overall) => {
    const got = fundamentalScores({ ...ordinary, ...inputs })

    const { valuation, profitability, growth, health } = got
    ;[valuation, profitability, growth, health].forEach((score, index) => {
      expect(score).toBeCloseTo(groups[index] as number, 4)
    })
    expect(got.overall).toBeCloseTo(overall, 4)
    expect(got).toMatchObject({ coverage: 1, reasons: {} })
  })

  it('debt is a ratio: 154 percent divided by 100 scores 69.3701, not 1.6129', () => {
    const debt = (ratio: number) =>
      fundamentalScores({ ...none, debt_to_equity: ratio }).sub_scores.debt_to_equity

    expect(debt(154 / 100)).toBeCloseTo(69.3701, 4)
    expect(debt(154)).toBeCloseTo(1.6129, 4)
  })
})

describe('figures without a meaning', () => {
  it.each(['pe', 'pb', 'peg'] as const)('a %s of 0 or less has no score', (name) => {
    for (const figure of [-8, 0]) {
      const { sub_scores, reasons, coverage } = fundamentalScores({ ...ordinary, [name]: figure })

      expect(sub_scores[name]).toBeNull()
      expect(reasons[name]).toBe('not positive')
      expect(coverage).toBe(0.9)
    }
  })

  it('negative equity scores 0, and a debt of 0 scores 100', () => {
    expect(fundamentalScores({ ...none, debt_to_equity: -0.5 }).health).toBe(0)
    expect(fundamentalScores({ ...none, debt_to_equity: 0 }).health).toBe(100)
  })

  it('a figure that is not finite is absent', () => {
    const { sub_scores, reasons } = fundamentalScores({
      ...ordinary,
      roe: Number.NaN,
      roa: Number.POSITIVE_INFINITY,
    })

    expect(sub_scores).toMatchObject({ roe: null, roa: null })
    expect(reasons).toEqual({ roe: 'no value', roa: 'no value' })
  })
})

describe('absent figures', () => {
  it('are left out of the means', () => {
    const { valuation, overall, coverage } = fundamentalScores({ ...none, pe: 20, roe: 18 })

    expect({ valuation, overall, coverage }).toEqual({ valuation: 75, overall: 78.5, coverage: 0.2 })
  })

  it('leave no overall score with fewer than two groups', () => {
    const { overall, reasons } = fundamentalScores({ ...none, pe: 20, pb: 2 })

    expect(overall).toBeNull()
    expect(reasons).toMatchObject({ overall: 'needs 2 groups', growth: 'no inputs', roe: 'no value' })
  })

  it('leave nothing without any', () => {
    expect(fundamentalScores(none)).toMatchObject({ valuation: null, overall: null, coverage: 0 })
  })
})

it.each<[number | null, number | null, boolean]>([
  [0.182, 18.2, true],
  [18.2, 0.182, true],
  [-0.05, -5, true],
  [0.1, 5, true],
  [0.1, 20, true],
  [0.1, 4.9, false],
  [0.1, 21, false],
  [0.182, -18.2, false],
  [0.182, 0.19, false],
  [0, 18, false],
  [18, 0, false],
  [null, 18.2, false],
  [0.182, null, false],
])('from %s to %s a figure may have changed its unit: %s (2.7)', (stored, next, suspect) => {
  expect(unitSuspect(stored, next)).toBe(suspect)
})
