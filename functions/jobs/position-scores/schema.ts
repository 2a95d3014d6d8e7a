import * as z from 'zod'
import { optionalRecordMeta, recordPage, recordResponse } from '#functions/runtime/record-schemas.ts'

const score = z.number().min(0).max(100).nullable()
const price = z.number().nullable().describe('in the quoted unit')
const amount = z.number().nullable().describe('in currency')
const reasons = z.record(z.string(), z.string()).describe('why a member is null, by its name')
const level = z.enum(['LOW', 'MEDIUM', 'HIGH', 'EXTREME']).nullable()

const trend = z
  .strictObject({
    trend_direction: z.enum(['BULLISH', 'SIDEWAYS', 'BEARISH']).nullable(),
    trend_strength: score,
    rsi_status: z.enum(['OVERSOLD', 'NEUTRAL', 'OVERBOUGHT']).nullable(),
    macd_status: z.enum(['BULLISH_CROSSOVER', 'BEARISH_CROSSOVER', 'NEUTRAL']).nullable(),
    bb_position: z.enum(['ABOVE_UPPER', 'MIDDLE_TO_UPPER', 'LOWER_TO_MIDDLE', 'BELOW_LOWER']).nullable(),
  })
  .nullable()

const scores = {
  technical_score: score,
  fundamental_score: score,
  sentiment_score: score,
  overall_score: score,
  risk_level: level,
  recommendation: z.enum(['STRONG_BUY', 'BUY', 'HOLD', 'REDUCE', 'SELL']).nullable(),
  target_position: z.number().min(0).max(1).nullable().describe('fraction of the full position'),
  stop_loss: price,
  take_profit: price,
  reasons,
}

const company = {
  sector: z.string().nullable(),
  industry: z.string().nullable(),
  beta: z.number().nullable(),
}

const input = z.strictObject({ as_of: z.iso.datetime() }).nullable()

const record = z
  .strictObject({
    symbol: z.string(),
    date: z.iso.date().nullable().describe('of the newest session'),
    close: price,
    quote_currency: z.string().nullable().describe('as the provider writes it, such as USD or GBp'),
    split_date: z.iso.date().nullable().describe('when the number of shares may have changed last'),
    ...scores,
    trend_snapshot: trend,
    ...company,
    inputs: z
      .strictObject({ technical: input, fundamental: input })
      .describe('the records of which the scores are computed; null for one that could not be read'),
    degraded_reasons: z
      .array(z.string())
      .describe('those of the inputs, technical_missing and fundamental_missing'),
  })
  .meta({ id: 'PositionScores' })

const position = z
  .strictObject({
    symbol: z.string(),
    quantity: z.string().nullable().describe('number of shares; null for a symbol that is only watched'),
    avg_cost: z.string().nullable().describe('price paid per share, in the currency that was put'),
    current_price: price,
    price_date: z.iso.date().nullable(),
    quote_currency: z.string().nullable(),
    currency: z.string().nullable().describe('of the amounts, ISO 4217'),
    market_value: amount,
    unrealized_pnl: amount,
    unrealized_pnl_percent: z.number().nullable().describe('percent of the cost'),
    ...company,
    ...scores,
    trend_snapshot: trend,
  })
  .meta({ id: 'AssessedPosition' })

const ratios = z.record(z.string(), z.number().min(0).max(1)).nullable()

const assessment = z.strictObject({
  positions: z.array(position).max(1_000),
  summary: z.strictObject({
    total_positions: z.int(),
    positions_with_value: z.int().describe('those that total_value covers'),
    positions_with_pnl: z.int().describe('those that total_pnl covers'),
    currency: z.string().nullable(),
    total_value: amount,
    total_pnl: amount,
    avg_score: score,
    high_risk_count: z.int(),
    buy_recommendation_count: z.int(),
    reasons,
  }),
  portfolio_analysis: z.strictObject({
    weighted_score: score,
    total_beta: z.number().nullable(),
    sector_ratios: ratios,
    industry_ratios: ratios,
    reasons,
  }),
})

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/positions/{symbol}/scores': recordResponse(record),
  '/api/v1/positions/scores': recordPage(record),
  '/api/v1/positions/assessment': z.strictObject({
    data: assessment,
    meta: optionalRecordMeta.extend({
      positions_changed_at: z.iso.datetime().nullable().describe('null for the configured symbols'),
      missing: z.array(z.string()).describe('symbols without a record yet'),
    }),
  }),
}
