import { describe, expect, it } from 'vitest'
import { positionScores, targetPosition } from '#shared/analysis/portfolio/position-scores.ts'
import { type TechnicalRecord, technicalRecord } from '#shared/analysis/portfolio/technical-record.ts'
import { dailySeries } from './daily-series.ts'

const FUNDAMENTAL = 70.4213
const g600 = technicalRecord('G', dailySeries(600))
const g252 = technicalRecord('G', dailySeries(252))

const scored = (
  technical: TechnicalRecord | null,
  fundamental: number | null = FUNDAMENTAL,
  hasRecentBar = true,
) => positionScores({ technical, fundamental, hasRecentBar })

/** A record whose indicators score as these do. */
const record = (part: Partial<TechnicalRecord>): TechnicalRecord => ({
  ...g252,
  resistance_levels: [],
  ...part,
})

describe('the documented examples', () => {
  it('600 bars of series G', () => {
    expect(scored(g600)).toMatchObject({
      technical_score: 51.25,
      fundamental_score: 70.42,
      sentiment_score: 58.66,
      overall_score: 60.4,
      risk_level: 'MEDIUM',
      recommendation: 'HOLD',
      reasons: {},
    })
  })

  it('252 bars of series G', () => {
    expect(scored(g252)).toMatchObject({
      technical_score: 70,
      sentiment_score: 40.77,
      overall_score: 64.32,
      risk_level: 'MEDIUM',
      recommendation: 'HOLD',
    })
  })

  it('252 bars of series G without fundamentals', () => {
    expect(scored(g252, null)).toMatchObject({
      fundamental_score: null,
      overall_score: 60.26,
      reasons: { fundamental_score: 'no_fundamentals' },
    })
  })

  it.each([
    [100, 1],
    [80, 0.6],
    [60, 0.3],
    [40, 0.1],
    [39.99, 0.099975],
    [0, 0],
  ])('a score of %f has the target %f', (score, target) => {
    expect(targetPosition(score)).toBeCloseTo(target, 12)
  })
})

describe('the technical score', () => {
  it.each<[TechnicalRecord['trend_direction'], number, number, number]>([
    ['BULLISH', 100, 50, 90],
    ['BULLISH', 75, 29.9, 88.75],
    ['SIDEWAYS', 50, 30, 65],
    ['BEARISH', 100, 70, 40],
    ['BEARISH', 100, 70.1, 20],
  ])('of a %s trend of %f with RSI %f is %f', (trend_direction, trend_strength, rsi14, score) => {
    expect(scored(record({ trend_direction, trend_strength, rsi14 })).technical_score).toBe(score)
  })

  it('is null without a trend, and the overall score rests on the other two', () => {
    const got = scored(technicalRecord('G', dailySeries(40)))

    expect(got.technical_score).toBeNull()
    expect(got.reasons).toEqual({ technical_score: 'needs 50 bars' })
    expect(got.overall_score).toBeCloseTo((4 * FUNDAMENTAL + 2 * (got.sentiment_score ?? 0)) / 6, 2)
  })
})

describe('the sentiment', () => {
  const sentiment = (rsi14: number | null, macd_histogram: number | null, volume_ratio: number | null) =>
    scored(record({ rsi14, macd_histogram, volume_ratio, close: 100 })).sentiment_score

  it.each([
    [29.9, 90],
    [30, 80],
    [40, 70],
    [60, 70],
    [60.1, 60],
    [70, 60],
    [70.1, 40],
  ])('of RSI %f is %f', (rsi, score) => {
    expect(sentiment(rsi, null, null)).toBe(score)
  })

  it.each([
    [0.25, 80],
    [3, 90],
    [0, 50],
    [-0.25, 20],
    [-3, 10],
  ])('of a MACD histogram of %f percent is %f', (histogram, score) => {
    expect(sentiment(null, histogram, null)).toBe(score)
  })

  it.each([
    [1.51, 80],
    [1.5, 70],
    [1, 60],
    [0.7, 50],
  ])('of a volume ratio of %f is %f', (ratio, score) => {
    expect(sentiment(null, null, ratio)).toBe(score)
  })
})

describe('risk level and recommendation', () => {
  const best = { trend_direction: 'BULLISH', trend_strength: 100, rsi14: 50 } as const
  const worst = { trend_direction: 'BEARISH', trend_strength: 100, rsi14: 75 } as const
  const positive = { macd_histogram: 100, volume_ratio: 2 }

  it.each<[Partial<TechnicalRecord>, number | null, string, string]>([
    [{ ...best, ...positive }, 98, 'LOW', 'STRONG_BUY'],
    [{ ...best, ...positive }, 85, 'LOW', 'BUY'],
    [{ ...best, ...positive }, 60, 'MEDIUM', 'HOLD'],
    [{ ...best, ...positive }, null, 'LOW', 'HOLD'],
    [worst, 60, 'HIGH', 'REDUCE'],
    [worst, 20, 'EXTREME', 'SELL'],
  ])('of %j with fundamentals of %s are %s and %s', (part, fundamental, level, recommendation) => {
    expect(scored(record(part), fundamental)).toMatchObject({ risk_level: level, recommendation })
  })

  it('are those of the rounded score', () => {
    // technical 70, sentiment 63.33: overall 79.997 before rounding
    const part = { trend_direction: 'BULLISH', trend_strength: 100, rsi14: 71, close: 100 } as const
    const inputs = record({ ...part, macd_histogram: 0.5, volume_ratio: 0.8 })
    const fundamental = (79.997 - 0.4 * 70 - (0.2 * 190) / 3) / 0.4

    const got = scored(inputs, fundamental)

    expect(got).toMatchObject({ overall_score: 80, risk_level: 'LOW' })
  })

  it.each([
    [70.125, 70.13],
    [1.005, 1.01],
    [70.1249, 70.12],
  ])('a score of %f is published as %f', (fundamental, score) => {
    expect(scored(g252, fundamental).fundamental_score).toBe(score)
  })

  it('a purchase is not recommended when technical and fundamental scores are 30 apart', () => {
    expect(scored(record({ ...best, ...positive }), 60)).toMatchObject({
      technical_score: 90,
      recommendation: 'HOLD',
    })
  })
})

describe('orders', () => {
  it.each<[number, number, number]>([
    [98, 92, 125],
    [60, 90, 120],
    [0, 88, 115],
  ])('with fundamentals of %f stop at %f and take the profit at %f', (fundamental, loss, gain) => {
    const part = { trend_direction: 'BULLISH', trend_strength: 100, rsi14: 50, close: 100 } as const

    const got = scored(record({ ...part, macd_histogram: 1, volume_ratio: 2 }), fundamental)

    expect(got.stop_loss).toBeCloseTo(loss, 9)
    expect(got.take_profit).toBeCloseTo(gain, 9)
  })

  it('take the profit at the nearest resistance above the price', () => {
    const got = scored(record({ close: 100, resistance_levels: [130, 90, 104, 100] }))

    expect(got.take_profit).toBe(104)
  })
})

describe('without what they need', () => {
  const NULLS = {
    technical_score: null,
    sentiment_score: null,
    overall_score: null,
    risk_level: null,
    recommendation: null,
    target_position: null,
    stop_loss: null,
    take_profit: null,
  }
  const reasonsOf = (reason: string) => Object.fromEntries(Object.keys(NULLS).map((name) => [name, reason]))

  it('a recent bar, the scores are null (1.1)', () => {
    expect(scored(g252, FUNDAMENTAL, false)).toEqual({
      ...NULLS,
      fundamental_score: 70.42,
      reasons: reasonsOf('no_recent_bar'),
    })
  })

  it('bars, the scores are null', () => {
    for (const technical of [null, technicalRecord('NEW', [])]) {
      expect(scored(technical)).toEqual({ ...NULLS, fundamental_score: 70.42, reasons: reasonsOf('no bars') })
    }
  })

  it('60 % of the weight, the overall score is null', () => {
    const got = scored(technicalRecord('G', dailySeries(40)), null)

    expect(got).toMatchObject({ overall_score: null, risk_level: null, take_profit: null })
    expect(got.reasons).toMatchObject({ overall_score: 'needs 60 % of the weight' })
  })
})
