import * as z from 'zod'
import { optionalMeta } from '#functions/runtime/envelope-schemas.ts'
import {
  count,
  day,
  instant,
  quoteCurrency,
  quotedPrice,
  reasons,
  riskLevel,
  score,
  text,
} from '#functions/runtime/field-schemas.ts'
import { recordPage, recordResponse } from '#functions/runtime/record-schemas.ts'

const price = (about: string) => quotedPrice(about).nullable()
const amount = (about: string) => z.number().describe(`${about}, in currency`).nullable()

const trend = z
  .strictObject({
    trend_direction: z
      .enum(['BULLISH', 'SIDEWAYS', 'BEARISH'])
      .describe('direction of the averages and the close')
      .nullable(),
    trend_strength: score('share of the comparisons with that direction, in percent').nullable(),
    rsi_status: z
      .enum(['OVERSOLD', 'NEUTRAL', 'OVERBOUGHT'])
      .describe('state of the relative strength index')
      .nullable(),
    macd_status: z
      .enum(['BULLISH_CROSSOVER', 'BEARISH_CROSSOVER', 'NEUTRAL'])
      .describe('whether the MACD crossed its signal in the newest session')
      .nullable(),
    bb_position: z
      .enum(['ABOVE_UPPER', 'MIDDLE_TO_UPPER', 'LOWER_TO_MIDDLE', 'BELOW_LOWER'])
      .describe('where the close is within the Bollinger bands')
      .nullable(),
  })
  .describe('the trend from which the scores follow')
  .nullable()

const scores = {
  technical_score: score('mean of the scores of trend and RSI').nullable(),
  fundamental_score: score('overall score of the fundamentals').nullable(),
  sentiment_score: score('mean of the scores of RSI, MACD and volume').nullable(),
  overall_score: score('40 % technical, 40 % fundamental, 20 % sentiment, of what is present').nullable(),
  risk_level: riskLevel.nullable(),
  recommendation: z
    .enum(['STRONG_BUY', 'BUY', 'HOLD', 'REDUCE', 'SELL'])
    .describe('follows from overall_score; a figure, not advice')
    .nullable(),
  target_position: z
    .number()
    .min(0)
    .max(1)
    .describe('size of the position as a fraction of the full one, 0 to 1: 0.05 is 5 %')
    .nullable(),
  stop_loss: price('price at which a loss is limited'),
  take_profit: price('price at which a profit is realized'),
  reasons,
}

const company = {
  sector: text('sector of the company').nullable(),
  industry: text('industry of the company').nullable(),
  beta: z
    .number()
    .describe('how much the share moves with its market, a ratio: 1 is as much as the market')
    .nullable(),
}

const input = z.strictObject({ as_of: instant('time of the record at its source') }).nullable()

const record = z
  .strictObject({
    symbol: text('the symbol of the share'),
    date: day('the newest session').nullable(),
    close: price('closing price of the newest session'),
    quote_currency: quoteCurrency.nullable(),
    split_date: day('when the number of shares may have changed last').nullable(),
    ...scores,
    trend_snapshot: trend,
    ...company,
    inputs: z
      .strictObject({
        technical: input.describe('the technical indicators'),
        fundamental: input.describe('the fundamentals'),
      })
      .describe('the records of which the scores are computed; null for one that could not be read'),
    degraded_reasons: z
      .array(z.string())
      .describe('those of the inputs, technical_missing and fundamental_missing'),
  })
  .meta({ id: 'PositionScores' })

const position = z
  .strictObject({
    symbol: text('the symbol of the share'),
    quantity: text('number of shares, a decimal text; null for a symbol that is only watched').nullable(),
    avg_cost: text(
      'price paid per share, a decimal text, in the currency of the positions of operators',
    ).nullable(),
    current_price: price('closing price of the newest session'),
    price_date: day('the session of that price').nullable(),
    quote_currency: quoteCurrency.nullable(),
    currency: text('currency of the amounts, ISO 4217').nullable(),
    market_value: amount('value of the shares'),
    unrealized_pnl: amount('value less cost'),
    unrealized_pnl_percent: z.number().describe('profit in percent of the cost: 5 is 5 %').nullable(),
    ...company,
    ...scores,
    trend_snapshot: trend,
  })
  .meta({ id: 'AssessedPosition' })

const ratios = (about: string) =>
  z
    .record(z.string(), z.number().min(0).max(1))
    .describe(`part of the value by ${about}, 0 to 1: 0.05 is 5 %`)
    .nullable()

const summary = z.strictObject({
  total_positions: count('number of positions'),
  positions_with_value: count('number of positions that total_value covers'),
  positions_with_pnl: count('number of positions that total_pnl covers'),
  currency: text('currency of the amounts, ISO 4217').nullable(),
  total_value: amount('value of the positions'),
  total_pnl: amount('value less cost of the positions'),
  avg_score: score('mean overall score').nullable(),
  high_risk_count: count('number of positions with a risk level of HIGH or EXTREME'),
  buy_recommendation_count: count('number of positions with the recommendation BUY or STRONG_BUY'),
  reasons,
})

const assessment = z.strictObject({
  positions: z.array(position).max(1_000).describe('each position with its value and its scores'),
  summary: summary.describe('the positions in all'),
  portfolio_analysis: z
    .strictObject({
      weighted_score: score('mean overall score, weighted by value').nullable(),
      total_beta: z.number().describe('mean beta, weighted by value, a ratio').nullable(),
      sector_ratios: ratios('sector'),
      industry_ratios: ratios('industry'),
      reasons,
    })
    .describe('the portfolio, weighted by value'),
})

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/positions/{symbol}/scores': recordResponse(record),
  '/api/v1/positions/scores': recordPage(record),
  '/api/v1/positions/assessment': z.strictObject({
    data: assessment.describe('the portfolio of the operator'),
    meta: optionalMeta
      .extend({
        positions_changed_at: instant(
          'when the positions were put (null for the configured symbols)',
        ).nullable(),
        missing: z.array(z.string()).describe('symbols without a record yet'),
      })
      .describe('times of the data, and what is missing'),
  }),
}
