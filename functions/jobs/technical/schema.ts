import * as z from 'zod'
import { day, quoteCurrency, quotedPrice, reasons, score, text } from '#functions/runtime/field-schemas.ts'
import {
  recordPage,
  recordResponse,
  refreshRequest,
  refreshResponse,
} from '#functions/runtime/record-schemas.ts'

const price = (about: string) => quotedPrice(about).nullable()
const movingAverage = (sessions: number) => price(`mean of the last ${sessions} closing prices`)
const shares = (about: string) => z.number().min(0).describe(`${about}, in shares`).nullable()
const levels = (about: string) =>
  z.array(z.number()).max(3).describe(`${about}, in the unit of quote_currency`)

const record = z
  .strictObject({
    symbol: text('the symbol of the share'),
    timeframe: z.literal('1D').describe('a bar is one session'),
    date: day('the newest session'),
    close: price('closing price of the newest session'),
    volume: shares('traded in the newest session'),
    ma5: movingAverage(5),
    ma10: movingAverage(10),
    ma20: movingAverage(20),
    ma50: movingAverage(50),
    ma200: movingAverage(200),
    rsi14: score('relative strength index of 14 sessions').nullable(),
    rsi_status: z
      .enum(['OVERSOLD', 'NEUTRAL', 'OVERBOUGHT'])
      .describe('OVERSOLD below an rsi14 of 30, OVERBOUGHT above 70')
      .nullable(),
    rsi_signal: z
      .enum(['BUY', 'HOLD', 'SELL'])
      .describe('BUY when oversold, SELL when overbought, else HOLD')
      .nullable(),
    macd: price('difference of the exponential averages of 12 and 26 sessions'),
    macd_signal: price('exponential average of 9 sessions of macd'),
    macd_histogram: price('macd less macd_signal'),
    macd_status: z
      .enum(['BULLISH_CROSSOVER', 'BEARISH_CROSSOVER', 'NEUTRAL'])
      .describe('whether macd crossed macd_signal in the newest session')
      .nullable(),
    bb_upper: price('upper Bollinger band: bb_middle and two standard deviations'),
    bb_middle: price('middle Bollinger band: mean of the last 20 closing prices'),
    bb_lower: price('lower Bollinger band: bb_middle less two standard deviations'),
    bb_width: z
      .number()
      .min(0)
      .describe('distance of the bands as a fraction of bb_middle: 0.05 is 5 %')
      .nullable(),
    bb_position: z
      .enum(['ABOVE_UPPER', 'MIDDLE_TO_UPPER', 'LOWER_TO_MIDDLE', 'BELOW_LOWER'])
      .describe('where the close is within the Bollinger bands')
      .nullable(),
    width_percentile: score(
      'share of the last 120 widths that are not above bb_width, in percent',
    ).nullable(),
    atr14: price('average true range of 14 sessions'),
    obv: z.number().describe('on-balance volume since bars_from, in shares').nullable(),
    volume_sma20: shares('mean volume of the last 20 sessions'),
    volume_ratio: z
      .number()
      .min(0)
      .describe('volume as a multiple of volume_sma20: 1.5 is half as much again')
      .nullable(),
    trend_direction: z
      .enum(['BULLISH', 'SIDEWAYS', 'BEARISH'])
      .describe('from four comparisons of averages and close')
      .nullable(),
    trend_strength: score(
      'share of the comparisons with that direction, in percent; 50 if sideways',
    ).nullable(),
    support_levels: levels('the newest lows at which the price turned within 60 sessions, oldest first'),
    resistance_levels: levels('the newest highs at which the price turned within 60 sessions, oldest first'),
    bars_used: z.int().min(0).max(400).describe('number of sessions from which the figures are computed'),
    bars_from: day('first of these sessions, at which the obv begins').nullable(),
    reasons,
    quote_currency: quoteCurrency.nullable(),
    quote_factor: z
      .number()
      .describe('a price times this is an amount of the currency: 0.01 for a hundredth such as GBp')
      .nullable(),
    split_date: day('the newest suspected split; older bars are not used').nullable(),
    restated_on: day('the newest session when the provider restated its bars').nullable(),
    rescaled_on: day(
      'the newest session when the provider adjusted all bars by one ratio, as after a split',
    ).nullable(),
    degraded_reasons: z
      .array(z.enum(['no_recent_bar', 'suspected_split', 'bars_restated', 'no_volume']))
      .describe('what is wrong with the bars'),
  })
  .meta({ id: 'TechnicalRecord' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/positions/{symbol}/technical': recordResponse(record),
  '/api/v1/positions/technical': recordPage(record),
  '/api/v1/positions/refresh': refreshResponse,
  'POST /api/v1/positions/refresh': refreshRequest,
}
