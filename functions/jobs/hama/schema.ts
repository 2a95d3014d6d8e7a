import * as z from 'zod'
import { enveloped, envelopeMembers } from '#functions/runtime/envelope-schemas.ts'
import { count, flag, instant, pairPrice, text } from '#functions/runtime/field-schemas.ts'

const PREFIX = '/api/gainer-analysis'

const price = (about: string) => pairPrice(about).nullable()
const symbol = text('the trading pair')
const requestedSymbol = z.string().min(2).max(30)
const signal = (about: string) => z.enum(['BUY', 'SELL', 'HOLD']).describe(about)
const recommendation = signal(
  'BUY after a cross upwards, at least 0.1 % above the average; SELL the mirror image; else HOLD',
)
const deviation = z
  .number()
  .describe('distance of the smoothed close from the average, in percent: 1.16 is 1.16 %')
  .nullable()
const realtimePrice = price('close of the running bar at the time of the fetch')
const preset = z.enum(['pine', 'classic', 'service']).describe('which averages are computed')
const computedAt = instant('when it was computed')

const signals = z.strictObject({
  ha_close: price('smoothed close of the newest closed bar'),
  realtime_price: realtimePrice,
  ha_open: price('smoothed open of the newest closed bar'),
  ha_high: price('smoothed high of the newest closed bar'),
  ha_low: price('smoothed low of the newest closed bar'),
  hama_ma: price('moving average with which the smoothed close is compared'),
  deviation_pct: deviation,
  last_cross_direction: z
    .union([z.literal(1), z.literal(-1)])
    .describe('1: the smoothed close last crossed the average upwards; -1: downwards')
    .nullable(),
  last_cross_time: instant('when the bar of the last cross closed').nullable(),
  trend_strength: z
    .enum(['strong', 'moderate', 'weak'])
    .describe('strong above a deviation of 1 %, moderate above 0.3 %')
    .nullable(),
  volume_confirmation: flag(
    'true: the volume of the newest closed bar is above 1.2 times the mean of the 20 before it',
  ).nullable(),
  price_vs_ma: z.enum(['above', 'below', 'equal']).describe('realtime_price against the average').nullable(),
})

const indicators = z.strictObject({
  hama_status: signal('the same as recommendation'),
  candle_close: price('the same as ha_close'),
  realtime_price: realtimePrice,
  ma_value: price('the same as hama_ma'),
  deviation_pct: deviation,
  bb_basis: price('middle Bollinger band: mean of the last 400 closes'),
  bb_upper: price('upper Bollinger band: bb_basis and two standard deviations'),
  bb_lower: price('lower Bollinger band: bb_basis less two standard deviations'),
  bb_width: z.number().describe('distance of the bands as a fraction of bb_basis: 0.05 is 5 %').nullable(),
  squeeze: flag('true: bb_width is below 0.1').nullable(),
  expansion: flag('true: bb_width is above 0.15').nullable(),
  bars_used: count('number of closed bars of 15 minutes'),
  gaps: count('number of bars that are missing before the newest one'),
})

const hamaAnalysis = z
  .strictObject({
    symbol,
    preset,
    trend: z
      .enum(['uptrend', 'downtrend', 'sideways'])
      .describe('uptrend for BUY, downtrend for SELL, sideways for HOLD'),
    candle_pattern: z
      .enum(['green', 'red'])
      .describe('green: the smoothed open is above that of the bar before')
      .nullable(),
    recommendation,
    confidence: z.number().describe('0 to 1: 0.7 to 1 growing with the deviation, 0.3 for HOLD').nullable(),
    signals: signals.describe('the smoothed bar and its average'),
    technical_indicators: indicators.describe('the Bollinger bands, and what they are computed from'),
    timestamp: computedAt,
    analysis_note: z
      .enum(['', 'insufficient history', 'out of range', 'outdated'])
      .describe('why there is no confidence, else empty'),
  })
  .meta({ id: 'HamaAnalysis', description: 'the analysis of the closed bars' })

const conditions = z.strictObject({
  is_uptrend: flag('true: the trend is uptrend'),
  is_downtrend: flag('true: the trend is downtrend'),
  confidence_above_70: flag('true: the confidence is 0.7 or more'),
  is_bullish_pattern: flag('true: the recommendation is BUY'),
  is_bearish_pattern: flag('true: the recommendation is SELL'),
  has_volume_confirmation: flag('true: volume_confirmation is true'),
  meets_buy_criteria: flag('true: uptrend, confidence, BUY and volume'),
  meets_sell_criteria: flag('true: downtrend, confidence and SELL'),
  summary: text('the trend and its strength in words'),
})

const record = z
  .strictObject({
    symbol,
    hama_analysis: hamaAnalysis,
    conditions: conditions.describe('what the analysis meets; false for what is unknown'),
    timestamp: computedAt,
    cached: flag('true: it was stored before the request'),
    cached_at: instant('when it was published'),
    cache_source: z
      .enum(['dynamodb', 'memory', 'upstream'])
      .describe('memory: the table did not answer; upstream: fetched for the request'),
  })
  .meta({ id: 'HamaRecord', description: 'the analysis of one trading pair' })

const TASK_STATES = [
  'pending',
  'running',
  'succeeded',
  'partial',
  'failed',
  'timed_out',
  'cancelled',
] as const

const symbolRequest = z.object({
  symbol: requestedSymbol,
  preset: z.string().optional().describe('must be the configured preset'),
})

const batchRequest = z.object({ symbols: z.array(requestedSymbol).min(1).max(100) })

const publicFlag = z
  .literal(false)
  .optional()
  .describe('true is only for operators, at the path under /v1/live')
const liveFlag = z.boolean().optional().describe('ignored: a live read always refreshes')

const missingRecord = [
  z.strictObject({ error: text('why there is no analysis') }),
  z.strictObject({ status: z.literal('pending').describe('it is being fetched: repeat the request') }),
] as const

const batch = z.strictObject({
  results: z.record(z.string(), z.union([record, ...missingRecord])).describe('the analyses, by symbol'),
  summary: z
    .strictObject({
      total: count('number of symbols that were requested'),
      success: count('number of symbols with an analysis'),
      failed: count('number of symbols with an error'),
      cached: count('number of analyses that were stored before the request'),
      pending: count('number of symbols that are being fetched'),
    })
    .describe('numbers of symbols'),
})

const cacheStats = z.strictObject({
  cache_type: z.enum(['dynamodb', 'memory']).describe('memory: the table did not answer'),
  cached_symbols: count('number of active symbols with an analysis'),
  cache_duration_minutes: z.number().describe('how long an analysis is fresh, in minutes'),
  symbols: z.array(z.string()).describe('active symbols with an analysis'),
  memory_cache_fallback: count('number of analyses from memory, because the table did not answer'),
  stale_symbols: count('number of analyses that are stale'),
  oldest_cache: instant('when the oldest analysis was published').nullable(),
  newest_cache: instant('when the newest analysis was published').nullable(),
  last_error: z
    .record(
      z.string(),
      z.strictObject({ class: text('reason of the failure'), at: instant('when its run ended') }),
    )
    .describe('symbols that failed in the last run, with the reason'),
})

const schedulerStatus = z.strictObject({
  running: flag('true: the schedule is on and not paused'),
  symbols_count: count('number of active symbols'),
  interval_minutes: z.number().describe('time between two runs, in minutes'),
  cache_stats: z
    .strictObject({
      available: flag('true: the table answers'),
      cached_symbols: count('number of active symbols with an analysis'),
      cache_ttl_seconds: z.number().describe('how long an analysis is fresh, in seconds'),
      cache_ttl_minutes: z.number().describe('how long an analysis is fresh, in minutes'),
    })
    .describe('the stored analyses'),
  last_run: z
    .strictObject({
      started_at: instant('when it started'),
      status: text('how it ended'),
      success: count('number of symbols that succeeded'),
      failed: count('number of symbols that failed'),
    })
    .describe('the last run of the schedule')
    .nullable(),
  next_run_at: instant('when the next run starts').nullable(),
})

const task = z.strictObject({
  task_id: text('id of the task'),
  status: z.enum(TASK_STATES).describe('the state of the task'),
  total: count('number of symbols').nullable(),
  success: count('number of symbols that succeeded'),
  failed: count('number of symbols that failed'),
  failed_symbols: z.array(z.string()).describe('symbols that failed'),
  duration: z.number().describe('how long it took, in seconds; null until it has ended').nullable(),
})

const submittedTask = z.strictObject({
  task_id: text('id of the task'),
  status: z.literal('pending').describe('the task has not started yet'),
  total: count('number of symbols'),
  status_url: text('path of the task'),
})

/** Request and response bodies of the job's routes, by path. */
export const schemas = {
  [`POST ${PREFIX}/analyze-symbol`]: symbolRequest.extend({ force_refresh: publicFlag }),
  [`POST /v1/live${PREFIX}/analyze-symbol`]: symbolRequest.extend({ force_refresh: liveFlag }),
  [`${PREFIX}/analyze-symbol`]: enveloped('code', record),
  [`POST ${PREFIX}/analyze-batch`]: batchRequest.extend({ force_refresh: publicFlag }),
  [`POST /v1/live${PREFIX}/analyze-batch`]: batchRequest.extend({ force_refresh: liveFlag }),
  [`${PREFIX}/analyze-batch`]: enveloped('code', batch.describe('the requested symbols')),
  [`${PREFIX}/cache-stats`]: enveloped('code', cacheStats.describe('what is stored')),
  [`${PREFIX}/scheduler/status`]: enveloped('code', schedulerStatus.describe('the schedule of the analyses')),
  [`${PREFIX}/tasks/{task_id}`]: enveloped('code', task.describe('the analysis of symbols at once')),
  [`POST ${PREFIX}/preload`]: z.strictObject({ symbols: z.array(requestedSymbol).min(1).max(200) }),
  [`${PREFIX}/preload`]: z.strictObject({
    ...envelopeMembers.code,
    data: submittedTask.describe('the task that was submitted'),
  }),
}
