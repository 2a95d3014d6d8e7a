import * as z from 'zod'
import { day, fraction, score, text } from '#functions/runtime/field-schemas.ts'
import {
  recordPage,
  recordResponse,
  refreshRequest,
  refreshResponse,
} from '#functions/runtime/record-schemas.ts'

const ratio = (about: string) => z.number().describe(`${about}, a ratio`).nullable()
const percent = (about: string) => z.number().describe(`${about}, in percent: 18.2 is 18.2 %`).nullable()
const groupScore = (about: string) => score(`mean score of ${about}`).nullable()

const figures = {
  pe: ratio('price to earnings, trailing, else forward; null for a loss'),
  pb: ratio('price to book value'),
  peg: ratio('price to earnings to growth'),
  beta: ratio('how much the share moves with its market: 1 is as much as the market'),
  roe: percent('return on equity'),
  roa: percent('return on assets'),
  margin: percent('profit of the revenue'),
  revenue_growth: percent('revenue of the latest quarter against that of the year before'),
  earnings_growth: percent('earnings of the latest quarter against those of the year before'),
  current_ratio: ratio('current assets to current liabilities'),
  debt_to_equity: ratio('debt to equity: 1.54, not 154; below 0 with negative equity'),
}

const { beta: _, ...scored } = figures
const scores = Object.fromEntries(
  Object.keys(scored).map((name) => [name, score(`score of ${name}`).nullable()]),
) as Record<keyof typeof scored, ReturnType<typeof groupScore>>

const fundamental = z
  .strictObject({
    asset_type: text('what the symbol is, as the provider writes it').nullable(),
    currency: text('currency of the figures of the company, ISO 4217').nullable(),
    sector: text('sector of the company, as the provider writes it').nullable(),
    industry: text('industry of the company, as the provider writes it').nullable(),
    latest_quarter: day('end of the latest reported quarter').nullable(),
    balance_sheet_date: day('end of the period of the balance sheet').nullable(),
    ...figures,
    sub_scores: z.strictObject(scores).describe('the score of each figure'),
    valuation_score: groupScore('pe, pb and peg'),
    profitability_score: groupScore('roe, roa and margin'),
    growth_score: groupScore('revenue_growth and earnings_growth'),
    health_score: groupScore('current_ratio and debt_to_equity'),
    overall_score: score('mean of at least two groups, not rounded').nullable(),
    coverage: fraction('figures with a score, of all ten'),
  })
  .meta({ id: 'Fundamental' })

const record = z
  .strictObject({
    symbol: text('the symbol of the share'),
    date: day('the day in New York on which it was fetched'),
    fundamental: fundamental.nullable().describe('null for funds and others without fundamentals'),
    reasons: z
      .record(z.string(), z.string())
      .describe('why a member is null, by its name, or not renewed: unit_suspect'),
    degraded_reasons: z
      .array(z.enum(['unit_suspect', 'unreadable', 'no_balance_sheet_answer']))
      .describe('what is wrong with the figures'),
  })
  .meta({ id: 'FundamentalRecord' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/positions/{symbol}/fundamental': recordResponse(record),
  '/api/v1/positions/fundamental': recordPage(record),
  '/api/v1/positions/fundamental/refresh': refreshResponse,
  'POST /api/v1/positions/fundamental/refresh': refreshRequest,
}
