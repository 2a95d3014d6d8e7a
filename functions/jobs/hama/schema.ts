import * as z from 'zod'

const PREFIX = '/api/gainer-analysis'

const price = z.number().nullable().describe('in the quote asset, to 8 decimals')
const percent = z.number().nullable().describe('percent, to 6 decimals')
const state = z.enum(['BUY', 'SELL', 'HOLD'])
const nullableBoolean = z.boolean().nullable()
const symbol = z.string().min(2).max(30)

const hamaAnalysis = z
  .strictObject({
    symbol: z.string(),
    preset: z.enum(['pine', 'classic', 'service']),
    trend: z.enum(['uptrend', 'downtrend', 'sideways']),
    candle_pattern: z.enum(['green', 'red']).nullable(),
    recommendation: state,
    confidence: z.number().nullable(),
    signals: z.strictObject({
      ha_close: price,
      realtime_price: price.describe('close of the running bar at the time of the fetch'),
      ha_open: price,
      ha_high: price,
      ha_low: price,
      hama_ma: price,
      deviation_pct: percent,
      last_cross_direction: z.union([z.literal(1), z.literal(-1)]).nullable(),
      last_cross_time: z.iso.datetime().nullable(),
      trend_strength: z.enum(['strong', 'moderate', 'weak']).nullable(),
      volume_confirmation: nullableBoolean,
      price_vs_ma: z.enum(['above', 'below', 'equal']).nullable(),
    }),
    technical_indicators: z.strictObject({
      hama_status: state,
      candle_close: price,
      realtime_price: price,
      ma_value: price,
      deviation_pct: percent,
      bb_basis: price,
      bb_upper: price,
      bb_lower: price,
      bb_width: z.number().nullable().describe('a share of the basis'),
      squeeze: nullableBoolean,
      expansion: nullableBoolean,
      bars_used: z.int(),
      gaps: z.int(),
    }),
    timestamp: z.iso.datetime(),
    analysis_note: z.enum(['', 'insufficient history', 'out of range', 'outdated']),
  })
  .meta({ id: 'HamaAnalysis' })

const conditions = z.strictObject({
  is_uptrend: z.boolean(),
  is_downtrend: z.boolean(),
  confidence_above_70: z.boolean(),
  is_bullish_pattern: z.boolean(),
  is_bearish_pattern: z.boolean(),
  has_volume_confirmation: z.boolean(),
  meets_buy_criteria: z.boolean(),
  meets_sell_criteria: z.boolean(),
  summary: z.string(),
})

const record = z
  .strictObject({
    symbol: z.string(),
    hama_analysis: hamaAnalysis,
    conditions,
    timestamp: z.iso.datetime().describe('when it was computed'),
    cached: z.boolean(),
    cached_at: z.iso.datetime(),
    cache_source: z.enum(['dynamodb', 'memory', 'upstream']),
  })
  .meta({ id: 'HamaRecord' })

const meta = z.strictObject({ as_of: z.iso.datetime(), fetched_at: z.iso.datetime(), degraded: z.boolean() })

function envelope<T extends z.ZodType>(data: T) {
  return z.strictObject({ code: z.literal(1), msg: z.literal('success'), data, meta })
}

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
  symbol,
  preset: z.string().optional().describe('must be the configured preset'),
})

const batchRequest = z.object({ symbols: z.array(symbol).min(1).max(100) })

const publicFlag = z
  .literal(false)
  .optional()
  .describe('true is only for operators, at the path under /v1/live')
const liveFlag = z.boolean().optional().describe('ignored: a live read always refreshes')

/** Request and response bodies of the job's routes, by path. */
export const schemas = {
  [`POST ${PREFIX}/analyze-symbol`]: symbolRequest.extend({ force_refresh: publicFlag }),
  [`POST /v1/live${PREFIX}/analyze-symbol`]: symbolRequest.extend({ force_refresh: liveFlag }),
  [`${PREFIX}/analyze-symbol`]: envelope(record),
  [`POST ${PREFIX}/analyze-batch`]: batchRequest.extend({ force_refresh: publicFlag }),
  [`POST /v1/live${PREFIX}/analyze-batch`]: batchRequest.extend({ force_refresh: liveFlag }),
  [`${PREFIX}/analyze-batch`]: envelope(
    z.strictObject({
      results: z.record(
        z.string(),
        z.union([
          record,
          z.strictObject({ error: z.string() }),
          z.strictObject({ status: z.literal('pending') }),
        ]),
      ),
      summary: z.strictObject({
        total: z.int(),
        success: z.int(),
        failed: z.int(),
        cached: z.int(),
        pending: z.int(),
      }),
    }),
  ),
  [`${PREFIX}/cache-stats`]: envelope(
    z.strictObject({
      cache_type: z.enum(['dynamodb', 'memory']),
      cached_symbols: z.int(),
      cache_duration_minutes: z.number(),
      symbols: z.array(z.string()),
      memory_cache_fallback: z.int(),
      stale_symbols: z.int(),
      oldest_cache: z.iso.datetime().nullable(),
      newest_cache: z.iso.datetime().nullable(),
      last_error: z.record(z.string(), z.strictObject({ class: z.string(), at: z.iso.datetime() })),
    }),
  ),
  [`${PREFIX}/scheduler/status`]: envelope(
    z.strictObject({
      running: z.boolean(),
      symbols_count: z.int(),
      interval_minutes: z.number(),
      cache_stats: z.strictObject({
        available: z.boolean(),
        cached_symbols: z.int(),
        cache_ttl_seconds: z.number(),
        cache_ttl_minutes: z.number(),
      }),
      last_run: z
        .strictObject({
          started_at: z.iso.datetime(),
          status: z.string(),
          success: z.int(),
          failed: z.int(),
        })
        .nullable(),
      next_run_at: z.iso.datetime().nullable(),
    }),
  ),
  [`${PREFIX}/tasks/{task_id}`]: envelope(
    z.strictObject({
      task_id: z.string(),
      status: z.enum(TASK_STATES),
      total: z.int().nullable(),
      success: z.int(),
      failed: z.int(),
      failed_symbols: z.array(z.string()),
      duration: z.number().nullable().describe('seconds'),
    }),
  ),
  [`POST ${PREFIX}/preload`]: z.strictObject({ symbols: z.array(symbol).min(1).max(200) }),
  [`${PREFIX}/preload`]: z.strictObject({
    code: z.literal(1),
    msg: z.literal('success'),
    data: z.strictObject({
      task_id: z.string(),
      status: z.literal('pending'),
      total: z.int(),
      status_url: z.string(),
    }),
  }),
}
