import { describe, expect, it } from 'vitest'
import {
  type AssessmentInputs,
  portfolioAssessment,
} from '#shared/analysis/portfolio/portfolio-assessment.ts'
import { positionScores } from '#shared/analysis/portfolio/position-scores.ts'
import { technicalRecord } from '#shared/analysis/portfolio/technical-record.ts'
import { dailySeries } from './daily-series.ts'

const technical = technicalRecord('G', dailySeries(252))
const scores = positionScores({ technical, fundamental: 70.4213, hasRecentBar: true })
const company = { sector: 'Technology', industry: 'Software', beta: 1.2 }
const PUT = Date.parse('2026-11-02T15:00:00Z')

interface Part extends Partial<Omit<AssessmentInputs, 'position'>> {
  readonly position?: Partial<AssessmentInputs['position']>
  readonly close?: number
}

const inputsOf = ({ position, close = 310, ...part }: Part = {}): AssessmentInputs => ({
  position: { symbol: 'AAA', quantity: '5', avg_cost: '250', currency: 'USD', ...position },
  technical: { ...technical, close },
  scores,
  company,
  quoteCurrency: 'USD',
  hasRecentBar: true,
  splitDate: null,
  updatedAt: PUT,
  ...part,
})

const NULLS = { market_value: null, unrealized_pnl: null, unrealized_pnl_percent: null }

function assessed(part: Part = {}) {
  const [position] = portfolioAssessment([inputsOf(part)]).positions
  if (position === undefined) throw new Error('expected an active position')
  return position
}

describe('a position', () => {
  it('has its value, profit, scores and trend', () => {
    const { reasons, ...position } = assessed()

    expect(position).toEqual({
      symbol: 'AAA',
      quantity: '5',
      avg_cost: '250',
      current_price: 310,
      price_date: technical.date,
      quote_currency: 'USD',
      currency: 'USD',
      market_value: 1_550,
      unrealized_pnl: 300,
      unrealized_pnl_percent: 24,
      ...company,
      technical_score: 70,
      fundamental_score: 70.42,
      sentiment_score: 40.77,
      overall_score: 64.32,
      risk_level: 'MEDIUM',
      recommendation: 'HOLD',
      target_position: scores.target_position,
      stop_loss: scores.stop_loss,
      take_profit: scores.take_profit,
      trend_snapshot: {
        trend_direction: 'BULLISH',
        trend_strength: 100,
        rsi_status: 'OVERBOUGHT',
        macd_status: 'NEUTRAL',
        bb_position: 'MIDDLE_TO_UPPER',
      },
    })
    expect(reasons).toEqual({})
  })

  it('quoted in pence is valued in pounds (1.4)', () => {
    const position = { quantity: '10', avg_cost: '38', currency: 'GBP' }

    expect(assessed({ position, close: 4_082, quoteCurrency: 'GBp' })).toMatchObject({
      current_price: 4_082,
      quote_currency: 'GBp',
      currency: 'GBP',
      market_value: 408.2,
      unrealized_pnl: 28.2,
    })
  })

  it('whose cost was entered in pence has the same profit (1.4)', () => {
    const position = { quantity: '10', avg_cost: '3800', currency: 'GBp' }

    expect(assessed({ position, close: 4_082, quoteCurrency: 'GBX' })).toMatchObject({
      currency: 'GBP',
      market_value: 408.2,
      unrealized_pnl: 28.2,
    })
  })

  it('is computed in decimals', () => {
    expect(assessed({ position: { quantity: '3', avg_cost: '0.1' }, close: 0.3 })).toMatchObject({
      market_value: 0.9,
      unrealized_pnl: 0.6,
      unrealized_pnl_percent: 200,
    })
  })

  it.each<[string, Part]>([
    ['watch_only', { position: { quantity: null } }],
    ['currency_unknown', { quoteCurrency: null }],
    ['currency_unknown', { position: { currency: null } }],
    ['currency_unknown', { quoteCurrency: 'pence' }],
    ['currency_mismatch', { quoteCurrency: 'GBP' }],
    ['no_recent_bar', { hasRecentBar: false }],
    ['position_before_split', { splitDate: '2026-11-02' }],
    ['position_before_split', { splitDate: '2026-11-20' }],
    ['no bars', { technical: null }],
  ])('has no value when %s: %j', (reason, part) => {
    const { reasons, ...position } = assessed(part)

    expect(position).toMatchObject(NULLS)
    expect(reasons).toMatchObject({
      market_value: reason,
      unrealized_pnl: reason,
      unrealized_pnl_percent: reason,
    })
  })

  it('has a value again once it was put after the split (1.3)', () => {
    expect(assessed({ splitDate: '2026-11-01' }).market_value).toBe(1_550)
  })

  it('keeps its numbers as the operator entered them', () => {
    expect(
      assessed({ position: { quantity: '5.00', avg_cost: '1500' }, splitDate: '2026-11-20' }),
    ).toMatchObject({
      quantity: '5.00',
      avg_cost: '1500',
    })
  })

  it('without a cost has a value and no profit', () => {
    const unknown = assessed({ position: { avg_cost: null } })
    const free = assessed({ position: { avg_cost: '0' } })

    expect(unknown).toMatchObject({ market_value: 1_550, unrealized_pnl: null })
    expect(unknown.reasons).toEqual({ unrealized_pnl: 'no_avg_cost', unrealized_pnl_percent: 'no_avg_cost' })
    expect(free).toMatchObject({ unrealized_pnl: 1_550, unrealized_pnl_percent: null })
    expect(free.reasons).toEqual({ unrealized_pnl_percent: 'no_cost' })
  })

  it('without anything stored has a reason for every null', () => {
    const empty = positionScores({ technical: null, fundamental: null, hasRecentBar: false })

    const { reasons, ...position } = assessed({
      technical: null,
      scores: empty,
      company: null,
      quoteCurrency: null,
    })

    const absent = Object.entries(position).flatMap(([name, value]) => (value === null ? [name] : []))
    const named = [...Object.keys(reasons), 'price_date', 'quote_currency']
    expect(absent.filter((name) => !named.includes(name))).toEqual([])
  })

  it('is active with a quantity above 0, or watched', () => {
    const quantities = ['0', '0.000', '0.001', null]

    const { positions } = portfolioAssessment(
      quantities.map((quantity) => inputsOf({ position: { quantity } })),
    )

    expect(positions.map(({ quantity }) => quantity)).toEqual(['0.001', null])
  })
})

describe('the portfolio', () => {
  const low = { ...scores, overall_score: 40, risk_level: 'HIGH', recommendation: 'REDUCE' } as const
  const high = { ...scores, overall_score: 92.5, risk_level: 'LOW', recommendation: 'STRONG_BUY' } as const

  it('has totals and figures weighted by value', () => {
    const energy = { sector: 'Energy', industry: null, beta: 0.4 }

    const { summary, portfolio_analysis } = portfolioAssessment([
      inputsOf({ position: { quantity: '3' }, close: 100, scores: high }),
      inputsOf({ position: { quantity: '1', avg_cost: '120' }, close: 100, scores: low, company: energy }),
      inputsOf({ position: { quantity: null }, close: 100, scores: low }),
    ])

    expect(summary).toEqual({
      total_positions: 3,
      positions_with_value: 2,
      positions_with_pnl: 2,
      currency: 'USD',
      total_value: 400,
      total_pnl: -470,
      avg_score: 57.5,
      high_risk_count: 2,
      buy_recommendation_count: 1,
      reasons: {},
    })
    expect(portfolio_analysis).toMatchObject({
      weighted_score: 79.38,
      sector_ratios: { Technology: 0.75, Energy: 0.25 },
      industry_ratios: { Software: 0.75, unknown: 0.25 },
      reasons: {},
    })
    expect(portfolio_analysis.total_beta).toBeCloseTo(1, 12)
  })

  it('in two currencies has no totals and no weights (1.5)', () => {
    const { summary, portfolio_analysis } = portfolioAssessment([
      inputsOf(),
      inputsOf({ position: { currency: 'EUR' }, quoteCurrency: 'EUR' }),
    ])

    expect(summary).toMatchObject({ total_value: null, total_pnl: null, currency: null, avg_score: 64.32 })
    expect(summary.reasons).toEqual({ total_value: 'mixed_currencies', total_pnl: 'mixed_currencies' })
    expect(portfolio_analysis).toEqual({
      weighted_score: null,
      total_beta: null,
      sector_ratios: null,
      industry_ratios: null,
      reasons: {
        weighted_score: 'mixed_currencies',
        total_beta: 'mixed_currencies',
        sector_ratios: 'mixed_currencies',
        industry_ratios: 'mixed_currencies',
      },
    })
  })

  it('has totals where the second currency is of a position without a value (1.5)', () => {
    const { summary } = portfolioAssessment([inputsOf(), inputsOf({ position: { currency: 'EUR' } })])

    expect(summary).toMatchObject({
      total_value: 1_550,
      currency: 'USD',
      positions_with_value: 1,
      total_positions: 2,
    })
  })

  it('has no weighted mean where less than 60 % of the value has the figure', () => {
    const unknown = { sector: null, industry: null, beta: null }

    const { portfolio_analysis } = portfolioAssessment([
      inputsOf(),
      inputsOf({ close: 311, company: unknown }),
    ])

    expect(portfolio_analysis).toMatchObject({ total_beta: null, weighted_score: 64.32 })
    expect(portfolio_analysis.reasons).toEqual({ total_beta: 'low_coverage' })
  })

  it('without positions has nothing', () => {
    const { positions, summary, portfolio_analysis } = portfolioAssessment([])

    expect(positions).toEqual([])
    expect(summary).toMatchObject({ total_positions: 0, total_value: null, total_pnl: null, avg_score: null })
    expect(summary.reasons).toEqual({
      total_value: 'no_values',
      total_pnl: 'no_values',
      avg_score: 'no_scores',
    })
    expect(portfolio_analysis).toMatchObject({ weighted_score: null, sector_ratios: null })
  })
})
