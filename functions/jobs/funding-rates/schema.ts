import * as z from 'zod'

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/)
const time = z.iso.datetime()
const meta = z.strictObject({ as_of: time, fetched_at: time, degraded: z.boolean() })
const interval = z.string().regex(/^\d+h$/)

const contract = z
  .strictObject({
    symbol: z.string(),
    exchange: z.enum(['binance', 'bybit', 'okx']),
    funding_rate: decimal.describe('per settlement; 0.0001 is 0.01 %'),
    next_funding_time: time,
    funding_interval: interval.nullable().describe('null when it is not known'),
    interval_hours: z.int().nullable(),
    mark_price: decimal,
    index_price: decimal.nullable(),
    volume_24h: decimal.nullable().describe('in the quote'),
    annualized_rate: decimal.nullable(),
    rate_8h: decimal.nullable(),
    last_updated: time.describe('the venue’s own time'),
    data_source: z.enum(['real_time', 'cached']),
    note: z.string().nullable(),
  })
  .meta({ id: 'FundingRate' })

const poolContract = z
  .strictObject({
    symbol: z.string(),
    exchange: z.enum(['binance', 'bybit', 'okx']),
    funding_rate: decimal,
    funding_time: time,
    funding_interval: interval.nullable(),
    volume_24h: decimal.nullable(),
    mark_price: decimal,
    annualized_rate: decimal.nullable(),
    direction: z.enum(['long pays', 'short pays']).nullable(),
  })
  .meta({ id: 'PoolContract' })

const changes = z.strictObject({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  total_added: z.int(),
  total_removed: z.int(),
})

const result = z.strictObject({
  status: z.enum(['success', 'partial']),
  contracts: z.record(z.string(), contract),
  count: z.int(),
  real_time_count: z.int(),
  cached_count: z.int(),
  processed_count: z.int(),
  rejected_count: z.int(),
  execution_time: z.number().describe('seconds'),
  mode: z.enum(['full', 'fast', 'cache_only']),
  intervals: z.array(interval),
  pool_changes: changes,
  page: z.int(),
  pages: z.int(),
  next_page: z.int().nullable(),
  timestamp: time,
  note: z.string(),
})

const startFields = { start_time: time, duration: z.number().describe('seconds') }
const task = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('running'), state: z.enum(['PENDING', 'RUNNING']), ...startFields }),
  z.strictObject({
    status: z.literal('completed'),
    state: z.enum(['SUCCEEDED', 'PARTIAL']),
    ...startFields,
    end_time: time,
    result,
  }),
  z.strictObject({
    status: z.literal('failed'),
    state: z.enum(['FAILED', 'TIMED_OUT', 'CANCELLED']),
    ...startFields,
    end_time: time,
    error: z.string(),
  }),
])

const ok = { status: z.literal('success'), timestamp: time }
const submitted = z
  .strictObject({ ...ok, message: z.string(), task_id: z.string(), note: z.string() })
  .meta({ id: 'SubmittedTask' })

const outcomes = z.strictObject({
  last_success: time.nullable(),
  last_failure: time.nullable(),
  success_count: z.int(),
  failure_count: z.int(),
  consecutive_failures: z.int(),
  last_error: z.string().nullable(),
})

const session = z
  .strictObject({
    id: z.string(),
    symbol: z.string(),
    exchange: z.enum(['binance', 'bybit', 'okx']),
    entry_time: time,
    exit_time: time,
    entry_rate: decimal,
    exit_rate: decimal,
    entry_price: decimal,
    exit_price: decimal,
    max_rate: decimal,
    min_rate: decimal,
    avg_rate: decimal,
    max_price: decimal,
    min_price: decimal,
    duration_minutes: z.int(),
    total_records: z.int(),
    exit_reason: z.enum(['below_threshold', 'low_volume', 'capped', 'delisted', 'venue_changed']),
  })
  .meta({ id: 'PoolSession' })

const PATH = '/funding_monitor'

const flag = z
  .union([z.boolean(), z.literal(['true', 'false', '1', '0']), z.literal([0, 1])])
  .optional()
  .describe('false by default')

/** Response bodies of the job's routes, by path. */
export const schemas = {
  [`${PATH}/latest-rates-async`]: submitted,
  [`${PATH}/refreshes`]: submitted,
  [`POST ${PATH}/refreshes`]: z.strictObject({ fast_mode: flag, cache_only: flag }),
  [`${PATH}/task-status/{task_id}`]: z.strictObject({ ...ok, task_id: z.string(), task_status: task }),
  [`${PATH}/latest-rates`]: z.strictObject({
    ...ok,
    contracts: z.record(z.string(), contract),
    count: z.int(),
    venue: z.string(),
    intervals: z.array(interval),
    meta,
  }),
  [`${PATH}/pool`]: z.strictObject({
    ...ok,
    contracts: z.array(poolContract),
    count: z.int(),
    pool_changes: changes,
    meta,
  }),
  [`${PATH}/contracts-by-interval/{interval}`]: z.strictObject({
    ...ok,
    interval,
    contracts: z.array(contract),
    count: z.int(),
    meta,
  }),
  [`${PATH}/cache-status`]: z.strictObject({
    ...ok,
    cache_time: time,
    intervals: z.array(interval),
    total_contracts: z.int(),
    contracts_by_interval: z.record(interval, z.int()),
    meta,
  }),
  [`${PATH}/config`]: z.strictObject({ ...ok, config: z.record(z.string(), z.unknown()) }),
  [`${PATH}/history/{symbol}`]: z.strictObject({
    ...ok,
    symbol: z.string(),
    days: z.int(),
    history: z.array(
      z.strictObject({
        symbol: z.string(),
        time,
        venue: z.string(),
        rate: decimal,
        interval_hours: z.int(),
        mark_price: decimal,
        volume_24h: decimal.nullable(),
      }),
    ),
    count: z.int(),
  }),
  [`${PATH}/archive/sessions/{symbol}`]: z.strictObject({
    ...ok,
    symbol: z.string(),
    sessions: z.array(session),
    count: z.int(),
  }),
  [`${PATH}/health`]: z.strictObject({
    status: z.enum(['healthy', 'unhealthy']),
    tasks: z.strictObject({ contract_refresh: outcomes, funding_rate_check: outcomes }),
    pool: z.strictObject({
      pool_size: z.int(),
      candidate_size: z.int(),
      last_update: time.nullable(),
      cache_valid: z.boolean(),
      auto_update: z.boolean(),
    }),
    timestamp: time,
  }),
  [`${PATH}/task-stats`]: z.strictObject({
    ...ok,
    tasks: z.strictObject({
      total: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      consecutive_failures: z.int(),
      average_duration: z.number().nullable().describe('seconds'),
      under_way: z.boolean(),
    }),
  }),
}
