import * as z from 'zod'
import {
  recordPage,
  recordResponse,
  refreshRequest,
  refreshResponse,
} from '#functions/runtime/record-schemas.ts'

const price = z.number().nullable().describe('in the quoted unit')
const percent = z.number().min(0).max(100).nullable()

const record = z
  .strictObject({
    symbol: z.string(),
    timeframe: z.literal('1D'),
    date: z.iso.date().describe('of the newest session'),
    close: price,
    volume: z.number().min(0).nullable().describe('number of shares'),
    ma5: price,
    ma10: price,
    ma20: price,
    ma50: price,
    ma200: price,
    rsi14: percent,
    rsi_status: z.enum(['OVERSOLD', 'NEUTRAL', 'OVERBOUGHT']).nullable(),
    rsi_signal: z.enum(['BUY', 'HOLD', 'SELL']).nullable(),
    macd: price,
    macd_signal: price,
    macd_histogram: price,
    macd_status: z.enum(['BULLISH_CROSSOVER', 'BEARISH_CROSSOVER', 'NEUTRAL']).nullable(),
    bb_upper: price,
    bb_middle: price,
    bb_lower: price,
    bb_width: z.number().min(0).nullable().describe('as a fraction of the middle band'),
    bb_position: z.enum(['ABOVE_UPPER', 'MIDDLE_TO_UPPER', 'LOWER_TO_MIDDLE', 'BELOW_LOWER']).nullable(),
    width_percentile: percent,
    atr14: price,
    obv: z.number().nullable().describe('number of shares since bars_from'),
    volume_sma20: z.number().min(0).nullable(),
    volume_ratio: z.number().min(0).nullable(),
    trend_direction: z.enum(['BULLISH', 'SIDEWAYS', 'BEARISH']).nullable(),
    trend_strength: percent,
    support_levels: z.array(z.number()).max(3),
    resistance_levels: z.array(z.number()).max(3),
    bars_used: z.int().min(0).max(400),
    bars_from: z.iso.date().nullable().describe('first session of the bars, at which the OBV begins'),
    reasons: z.record(z.string(), z.string()).describe('why a member is null, by its name'),
    quote_currency: z.string().nullable().describe('as the provider writes it, such as USD or GBp'),
    quote_factor: z.number().nullable().describe('a price times this is an amount of the currency'),
    split_date: z.iso.date().nullable().describe('of the newest suspected split; older bars are not used'),
    restated_on: z.iso.date().nullable().describe('newest session when the provider restated its bars'),
    rescaled_on: z.iso
      .date()
      .nullable()
      .describe('newest session when the provider adjusted all bars by one ratio, as after a split'),
    degraded_reasons: z.array(z.enum(['no_recent_bar', 'suspected_split', 'bars_restated', 'no_volume'])),
  })
  .meta({ id: 'TechnicalRecord' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/positions/{symbol}/technical': recordResponse(record),
  '/api/v1/positions/technical': recordPage(record),
  '/api/v1/positions/refresh': refreshResponse,
  'POST /api/v1/positions/refresh': refreshRequest,
}
