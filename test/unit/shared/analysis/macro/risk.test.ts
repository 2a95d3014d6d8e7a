import { describe, expect, it } from 'vitest'
import {
  bubbleDimension,
  cycleDimension,
  type Dimension,
  geopoliticalDimension,
  monetaryDimension,
  sentimentDimension,
} from '#shared/analysis/macro/dimensions.ts'
import { type DimensionName, macroRisk, riskTrend } from '#shared/analysis/macro/risk.ts'

const scoreOf = (score: number | null, coverage = score === null ? 0 : 1): Dimension => ({
  score,
  coverage,
  reasons: score === null ? ['missing'] : [],
})

const NAMES: readonly DimensionName[] = [
  'monetary_policy',
  'geopolitical',
  'sector_bubble',
  'economic_cycle',
  'market_sentiment',
]

const riskOf = (...scores: readonly (number | null)[]) =>
  macroRisk(
    Object.fromEntries(NAMES.map((name, index) => [name, scoreOf(scores[index] ?? null)])) as Record<
      DimensionName,
      Dimension
    >,
  )

describe('the monetary dimension (row 9)', () => {
  it.each([
    [3.88, 0.55, 2.9, 77],
    [5.33, -0.4, 3.7, 37],
    [0.08, 1.2, 8, 44],
  ])('of a rate of %d, a curve of %d and inflation of %d is %d', (rate, curve, inflation, score) => {
    expect(monetaryDimension({ rate, curve, inflation }).score).toBeCloseTo(score, 10)
  })

  it('counts the present parts for more, and needs 60 % of the weight', () => {
    expect(monetaryDimension({ rate: 3.88, curve: 0.55, inflation: null })).toEqual({
      score: (40 * 80 + 30 * 70) / 70,
      coverage: 0.7,
      reasons: ['inflation is missing'],
    })
    expect(monetaryDimension({ rate: 3.88, curve: null, inflation: null })).toMatchObject({
      score: null,
      coverage: 0.4,
    })
  })
})

describe('the macro risk (row 10)', () => {
  it('is the weighted mean of five dimensions', () => {
    expect(riskOf(77, 72, 60, 75, 75)).toMatchObject({ overall_score: 72, risk_level: 'MEDIUM', coverage: 1 })
  })

  it('counts the present dimensions for more', () => {
    expect(riskOf(77, null, null, 75, 75)).toMatchObject({ overall_score: 76, coverage: 0.6 })
  })

  it('below 40 is extreme and critical', () => {
    expect(riskOf(34, 30, 20, 35, 30)).toMatchObject({
      overall_score: 30.2,
      risk_level: 'EXTREME',
      alerts: expect.arrayContaining([
        { level: 'CRITICAL', type: 'overall', score: 30.2, message: 'The overall score is 30.2, below 40' },
        expect.objectContaining({ level: 'CRITICAL', type: 'sector_bubble', score: 20 }),
        expect.objectContaining({ level: 'WARNING', type: 'geopolitical', score: 30 }),
      ]),
      key_concerns: expect.arrayContaining(['sector valuation at 20']),
      recommendations: [expect.stringContaining('Protect capital')],
    })
  })

  it('is null with one dimension of five: no level, no recommendation', () => {
    expect(riskOf(null, 72, null, null, null)).toMatchObject({
      overall_score: null,
      risk_level: null,
      coverage: 0.2,
      recommendations: [],
      risk_summary: 'There are too few inputs for a macro risk score.',
    })
  })

  it('names the level, the score and the weakest dimension', () => {
    expect(riskOf(77, 72, 60, 75, 75).risk_summary).toBe(
      'The macro risk is MEDIUM with a score of 72. The weakest dimension is sector valuation at 60.',
    )
  })

  it('has a confidence of the parts that are present', () => {
    const dimensions = {
      monetary_policy: monetaryDimension({ rate: 3.88, curve: 0.55, inflation: 2.9 }),
      geopolitical: scoreOf(null),
      sector_bubble: bubbleDimension({ nasdaqPe: null, topTenShare: null, ipoHeat: null }),
      economic_cycle: scoreOf(75),
      market_sentiment: sentimentDimension({ volatility: 17, putCallRatio: null }),
    }

    expect(macroRisk(dimensions)).toMatchObject({
      confidence: 0.57,
      coverage: 0.6,
      scores: { market_sentiment: 75 },
      overall_score: 76,
    })
  })
})

describe('the economic cycle (row 11)', () => {
  const inputs = {
    growth: 2.4,
    previousGrowth: 2.3,
    unemployment: 4.1,
    earlierUnemployment: 4.1,
    production: 1,
  }

  it('in expansion is 75', () => {
    expect(cycleDimension(inputs)).toEqual({ score: 75, coverage: 1, phase: 'Expansion', reasons: [] })
  })

  it.each([
    [
      'Peak',
      { growth: 3.1, previousGrowth: 3.1, unemployment: 3.9, earlierUnemployment: 3.9, production: 3 },
      50,
    ],
    ['Contraction', { growth: 0.5, previousGrowth: 0.5, production: -1 }, 25],
    ['Recovery', { growth: 1.5, previousGrowth: 1.5, production: 0 }, 85],
    ['Transition', { growth: 2.4, previousGrowth: 2.4, production: 0 }, 60],
  ] as const)('in %s: %j is %d', (phase, change, score) => {
    expect(cycleDimension({ ...inputs, ...change })).toMatchObject({ phase, score })
  })

  it.each([
    [{ previousGrowth: 1.9 }, 75],
    [{ previousGrowth: 1.8 }, 85],
    [{ previousGrowth: 2.9 }, 75],
    [{ previousGrowth: 3 }, 60],
    [{ unemployment: 3.9 }, 85],
    [{ unemployment: 4.3 }, 60],
    [{ unemployment: 4.2 }, 75],
  ])('with %j is %d', (change, score) => {
    expect(cycleDimension({ ...inputs, ...change }).score).toBe(score)
  })

  it('without a reference leaves the trend out and says so', () => {
    const dimension = cycleDimension({ ...inputs, unemployment: 4.6, earlierUnemployment: null })

    expect(dimension).toMatchObject({
      score: 75,
      reasons: ['unemployment of three months before is missing'],
    })
  })

  it('without growth, unemployment or production has no score', () => {
    for (const name of ['growth', 'unemployment', 'production'] as const)
      expect(cycleDimension({ ...inputs, [name]: null })).toMatchObject({ score: null, phase: null })
  })
})

describe('the geopolitical dimension', () => {
  const inputs = {
    events: 40,
    highImpact: 2,
    meanLevel: 4,
    meanImpact: 35,
    coverageDays: 30,
    hasRecentSuccess: true,
  }

  it('is made of number, severity and impact of the events', () => {
    expect(geopoliticalDimension(inputs).score).toBeCloseTo(0.4 * 70 + 0.3 * 60 + 0.3 * 60, 10)
  })

  it('without an event in a healthy feed is 90', () => {
    expect(
      geopoliticalDimension({ ...inputs, events: 0, highImpact: 0, meanLevel: null, meanImpact: null }).score,
    ).toBe(90)
  })

  it('has no score without a recent success of the feed, or with less than seven days of events', () => {
    expect(geopoliticalDimension({ ...inputs, hasRecentSuccess: false })).toMatchObject({
      score: null,
      reasons: ['no event feed in the last 24 h'],
    })
    expect(geopoliticalDimension({ ...inputs, coverageDays: 6 })).toMatchObject({
      score: null,
      reasons: ['short_history: expected events of at least 7 days, got 6'],
    })
  })
})

describe('the trend', () => {
  it.each([
    [70, 75, 'INCREASING'],
    [70, 74.99, 'STABLE'],
    [75, 70, 'DECREASING'],
    [75, 70.01, 'STABLE'],
    [75, null, null],
    [null, 70, null],
  ] as const)('from a score of %s after %s is %s', (score, earlier, trend) => {
    expect(riskTrend(score, earlier)).toBe(trend)
  })
})
