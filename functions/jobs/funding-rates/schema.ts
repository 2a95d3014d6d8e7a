import * as z from 'zod'
import { envelopeMembers, responseMeta } from '#functions/runtime/envelope-schemas.ts'
import { count, decimal, flag, instant, text } from '#functions/runtime/field-schemas.ts'

const VENUES = ['binance', 'bybit', 'okx'] as const

const { timestamp } = envelopeMembers.status
const symbol = text('the perpetual contract, such as BTCUSDT')
const venue = z.enum(VENUES).describe('the exchange')
const interval = z.string().regex(/^\d+h$/)
const intervals = z.array(interval).describe('the intervals between settlements that occur, such as 8h')
const seconds = (about: string) => z.number().describe(`${about}, in seconds`)

const rate = (about: string) => decimal(`${about}, a fraction of the position (0.0001 is 0.01 %)`)
const price = (about: string) => decimal(`${about}, in the quote currency`)
const fundingRate = rate('rate that is paid at the next settlement; above 0 the long side pays')
const fundingInterval = interval.describe('time between settlements, such as 8h; null when it is unknown')
const intervalHours = z
  .int()
  .describe('time between settlements, in hours; null when it is unknown')
  .nullable()
const annualizedRate = rate('the rate times the settlements of a year').nullable()
const volume = decimal('value of the trades of 24 hours, in the quote currency').nullable()

const contract = z
  .strictObject({
    symbol,
    exchange: venue,
    funding_rate: fundingRate,
    next_funding_time: instant('when the next settlement is'),
    funding_interval: fundingInterval.nullable(),
    interval_hours: intervalHours,
    mark_price: price('price with which the exchange values positions'),
    index_price: price('price of the asset on other markets').nullable(),
    volume_24h: volume,
    annualized_rate: annualizedRate,
    rate_8h: rate('the rate scaled to 8 hours').nullable(),
    last_updated: instant('when the exchange computed these figures'),
    data_source: z
      .enum(['real_time', 'cached'])
      .describe('whether the run has fetched the contract, or it was stored before'),
    note: text('what is special about the figures').nullable(),
  })
  .meta({ id: 'FundingRate' })

const poolContract = z
  .strictObject({
    symbol,
    exchange: venue,
    funding_rate: fundingRate,
    funding_time: instant('when the next settlement is'),
    funding_interval: fundingInterval.nullable(),
    volume_24h: volume,
    mark_price: price('price with which the exchange values positions'),
    annualized_rate: annualizedRate,
    direction: z
      .enum(['long pays', 'short pays'])
      .describe('who pays at the next settlement; null for a rate of zero')
      .nullable(),
  })
  .meta({ id: 'PoolContract' })

const changes = z
  .strictObject({
    added: z.array(z.string()).describe('symbols that have entered the pool'),
    removed: z.array(z.string()).describe('symbols that have left the pool'),
    total_added: count('number of symbols that have entered the pool'),
    total_removed: count('number of symbols that have left the pool'),
  })
  .describe('how the pool has changed since the check before')

const result = z.strictObject({
  status: z.enum(['success', 'partial']).describe('partial: requested rates are missing'),
  contracts: z
    .record(z.string(), contract)
    .describe('the contracts of one page by symbol, the largest magnitude of a rate first'),
  count: count('number of contracts of all pages'),
  real_time_count: count('number of contracts that the task has fetched'),
  cached_count: count('number of contracts that were stored before'),
  processed_count: count('number of contracts of all pages'),
  rejected_count: count('number of rates that were rejected'),
  execution_time: seconds('how long the task took'),
  mode: z
    .enum(['full', 'fast', 'cache_only'])
    .describe('full: all contracts; fast: those of the pool; cache_only: what was stored'),
  intervals,
  pool_changes: changes,
  page: count('number of this page, from 1'),
  pages: count('number of pages'),
  next_page: count('number of the next page; null on the last one').nullable(),
  timestamp: instant('when the task ended'),
  note: text('always empty'),
})

const startFields = {
  start_time: instant('when the task started'),
  duration: seconds('how long the task took, or has taken so far'),
}
const end_time = instant('when the task ended')
const taskStatus = 'running, completed or failed'
const taskState = 'the exact state: completed is SUCCEEDED or PARTIAL'
const task = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('running').describe(taskStatus),
    state: z.enum(['PENDING', 'RUNNING']).describe(taskState),
    ...startFields,
  }),
  z.strictObject({
    status: z.literal('completed').describe(taskStatus),
    state: z.enum(['SUCCEEDED', 'PARTIAL']).describe(taskState),
    ...startFields,
    end_time,
    result: result.describe('one page of the result'),
  }),
  z.strictObject({
    status: z.literal('failed').describe(taskStatus),
    state: z.enum(['FAILED', 'TIMED_OUT', 'CANCELLED']).describe(taskState),
    ...startFields,
    end_time,
    error: text('why the task failed'),
  }),
])

const submitted = z
  .strictObject({
    ...envelopeMembers.status,
    message: text('what was submitted'),
    task_id: text('id of the task'),
    note: text('how to poll the task'),
  })
  .meta({ id: 'SubmittedTask' })

const outcomes = z.strictObject({
  last_success: instant('when a run last succeeded').nullable(),
  last_failure: instant('when a run last failed').nullable(),
  success_count: count('number of runs that succeeded'),
  failure_count: count('number of runs that failed'),
  consecutive_failures: count('number of failed runs since the last success'),
  last_error: text('reason of the last failure').nullable(),
})

const session = z
  .strictObject({
    id: text('id of the session: day of entry, symbol and number'),
    symbol,
    exchange: venue,
    entry_time: instant('when the contract entered the pool'),
    exit_time: instant('when the contract left the pool'),
    entry_rate: rate('rate at entry'),
    exit_rate: rate('rate at exit; the last one before if the exchange had none any more'),
    entry_price: price('mark price at entry'),
    exit_price: price('mark price at exit'),
    max_rate: rate('largest rate of the session'),
    min_rate: rate('smallest rate of the session'),
    avg_rate: rate('mean rate of the session'),
    max_price: price('largest mark price of the session'),
    min_price: price('smallest mark price of the session'),
    duration_minutes: z.int().describe('length of the session, in minutes'),
    total_records: count('number of rates of the session'),
    exit_reason: z
      .enum(['below_threshold', 'low_volume', 'capped', 'delisted', 'venue_changed'])
      .describe('why the contract left the pool; capped: others have larger rates'),
  })
  .meta({ id: 'PoolSession' })

const PATH = '/funding_monitor'

const option = z
  .union([z.boolean(), z.literal(['true', 'false', '1', '0']), z.literal([0, 1])])
  .optional()
  .describe('false by default')

const rateRow = z.strictObject({
  symbol,
  time: instant('when the exchange computed the rate'),
  venue,
  rate: rate('rate that was to be paid at the next settlement'),
  interval_hours: intervalHours,
  mark_price: price('price with which the exchange valued positions'),
  volume_24h: volume,
})

const pool = z.strictObject({
  pool_size: count('number of contracts in the pool'),
  candidate_size: count('number of contracts that are stored'),
  last_update: instant('when the pool was last checked').nullable(),
  cache_valid: flag('true: the stored rates are fresh'),
  auto_update: flag('true: the schedule is on and not paused'),
})

const statistics = z.strictObject({
  total: count('number of runs'),
  succeeded: count('number of runs that succeeded'),
  failed: count('number of runs that failed'),
  consecutive_failures: count('number of failed runs since the last success'),
  average_duration: seconds('mean duration of a run').nullable(),
  under_way: flag('true: a run goes on'),
})

/** Response bodies of the job's routes, by path. */
export const schemas = {
  [`${PATH}/latest-rates-async`]: submitted,
  [`${PATH}/refreshes`]: submitted,
  [`POST ${PATH}/refreshes`]: z.strictObject({ fast_mode: option, cache_only: option }),
  [`${PATH}/task-status/{task_id}`]: z.strictObject({
    ...envelopeMembers.status,
    task_id: text('id of the task'),
    task_status: task.describe('the state of the task, and its result'),
  }),
  [`${PATH}/latest-rates`]: z.strictObject({
    ...envelopeMembers.status,
    contracts: z.record(z.string(), contract).describe('the contracts, by symbol'),
    count: count('number of contracts'),
    venue: z.enum(VENUES).describe('the exchange of the pool'),
    intervals,
    meta: responseMeta,
  }),
  [`${PATH}/pool`]: z.strictObject({
    ...envelopeMembers.status,
    contracts: z
      .array(poolContract)
      .describe('the contracts of the pool, the largest magnitude of a rate first'),
    count: count('number of contracts'),
    pool_changes: changes,
    meta: responseMeta,
  }),
  [`${PATH}/contracts-by-interval/{interval}`]: z.strictObject({
    ...envelopeMembers.status,
    interval: interval.describe('the requested time between settlements, such as 8h'),
    contracts: z.array(contract).describe('the contracts with that interval'),
    count: count('number of contracts'),
    meta: responseMeta,
  }),
  [`${PATH}/cache-status`]: z.strictObject({
    ...envelopeMembers.status,
    cache_time: instant('when the stored rates were published'),
    intervals,
    total_contracts: count('number of contracts'),
    contracts_by_interval: z.record(interval, z.int()).describe('number of contracts, by interval'),
    meta: responseMeta,
  }),
  [`${PATH}/config`]: z.strictObject({
    ...envelopeMembers.status,
    config: z.record(z.string(), z.unknown()).describe('settings of the job, by name'),
  }),
  [`${PATH}/history/{symbol}`]: z.strictObject({
    ...envelopeMembers.status,
    symbol,
    days: count('number of days that were requested'),
    history: z.array(rateRow).describe('rates of the contract while it was in the pool, newest first'),
    count: count('number of rates'),
  }),
  [`${PATH}/archive/sessions/{symbol}`]: z.strictObject({
    ...envelopeMembers.status,
    symbol,
    sessions: z.array(session).describe('times in the pool that have ended, newest first'),
    count: count('number of sessions'),
  }),
  [`${PATH}/health`]: z.strictObject({
    status: z
      .enum(['healthy', 'unhealthy'])
      .describe('unhealthy: five runs of one of the jobs failed in a row'),
    tasks: z
      .strictObject({
        contract_refresh: outcomes.describe('runs that refresh the list of contracts'),
        funding_rate_check: outcomes.describe('runs that refresh the rates'),
      })
      .describe('the outcomes of both jobs'),
    pool: pool.describe('the pool of contracts with a large rate'),
    timestamp,
  }),
  [`${PATH}/task-stats`]: z.strictObject({
    ...envelopeMembers.status,
    tasks: statistics.describe('the runs that refresh the rates'),
  }),
}
