import * as z from 'zod'
import {
  recordPage,
  recordResponse,
  refreshRequest,
  refreshResponse,
} from '#functions/runtime/record-schemas.ts'

const text = z.string().nullable()
const date = z.iso.date().nullable()
const score = z.number().min(0).max(100).nullable()
const ratio = z.number().nullable()
const percent = z.number().nullable().describe('in percent: 18.2, not 0.182')

const figures = {
  pe: ratio.describe('price to earnings, trailing, else forward; null for a loss'),
  pb: ratio.describe('price to book value'),
  peg: ratio.describe('price to earnings to growth'),
  beta: ratio,
  roe: percent,
  roa: percent,
  margin: percent,
  revenue_growth: percent,
  earnings_growth: percent,
  current_ratio: ratio,
  debt_to_equity: ratio.describe('1.54, not 154; below 0 with negative equity'),
}

const { beta: _, ...scored } = figures

const fundamental = z
  .strictObject({
    asset_type: text,
    currency: text,
    sector: text,
    industry: text,
    latest_quarter: date.describe('end of the latest reported quarter'),
    balance_sheet_date: date.describe('end of the period of the balance sheet'),
    ...figures,
    sub_scores: z.strictObject(
      Object.fromEntries(Object.keys(scored).map((name) => [name, score])) as Record<
        keyof typeof scored,
        typeof score
      >,
    ),
    valuation_score: score,
    profitability_score: score,
    growth_score: score,
    health_score: score,
    overall_score: score.describe('mean of at least two groups, not rounded'),
    coverage: z.number().min(0).max(1).describe('figures with a score, as a fraction of all ten'),
  })
  .meta({ id: 'Fundamental' })

const record = z
  .strictObject({
    symbol: z.string(),
    date: z.iso.date().describe('day in New York on which it was fetched'),
    fundamental: fundamental.nullable().describe('null for funds and others without fundamentals'),
    reasons: z
      .record(z.string(), z.string())
      .describe('why a member is null, by its name, or not renewed: unit_suspect'),
    degraded_reasons: z.array(z.enum(['unit_suspect', 'unreadable', 'no_balance_sheet_answer'])),
  })
  .meta({ id: 'FundamentalRecord' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/positions/{symbol}/fundamental': recordResponse(record),
  '/api/v1/positions/fundamental': recordPage(record),
  '/api/v1/positions/fundamental/refresh': refreshResponse,
  'POST /api/v1/positions/fundamental/refresh': refreshRequest,
}
