import { DAY_MS } from '#shared/domain/duration.ts'
import type { Json } from '../json.ts'
import { CHECK_IN_UNITS } from './check-in-units.ts'
import { MACRO_UNITS, MACRO_UNITS_OF } from './macro-units.ts'
import { PORTFOLIO_UNITS, percent } from './portfolio-units.ts'
import {
  decimalIn,
  MAX_AHEAD_MS,
  numberIn,
  oneOf,
  orNull,
  quantityIn,
  recentDay,
  recentTime,
  secondsWithin,
  sentence,
  symbol,
  textLike,
  timeWithin,
  type Unit,
  wholeIn,
} from './unit.ts'

const flag = oneOf(true, false)
const asset = textLike(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,29}$/u, 'an asset of 1 to 30 letters and digits')
const word = textLike(/^[\p{L}\p{N}_-]{1,40}$/u, 'a word')
const venue = oneOf('binance', 'bybit', 'okx')
const state = oneOf('BUY', 'SELL', 'HOLD')
const interval = textLike(/^(?:[1-9]|1\d|2[0-4])h$/, 'an interval from 1h to 24h')
const hours = wholeIn(1, 24)
const count = wholeIn(0, 1_000_000)
const seconds = numberIn(0, 1_000_000)
const price = quantityIn(1e-15, 1e10)
const band = quantityIn(-1e10, 1e10)
const volume = quantityIn(0, 1e14)
const rate = decimalIn(-0.1, 0.1)
const annual = decimalIn(-876, 876)
const recent = recentTime
const coming = timeWithin(DAY_MS, DAY_MS + MAX_AHEAD_MS)
/** One name has two meanings: success of a response, and the number of keys that succeeded. */
const trueOrCount: Unit = (value, moment) => (typeof value === 'boolean' ? oneOf(true) : count)(value, moment)
const setting = (value: Json) => (typeof value === 'object' ? 'a plain value' : undefined)

/**
 * The unit of every published member, by its name. A job that publishes a member of a new name states its unit here,
 * once: the bounds of the oracle are never read from a declaration or from a job's own schema.
 */
const UNITS: Readonly<Record<string, Unit>> = {
  // envelopes
  success: trueOrCount,
  error: orNull(sentence),
  timestamp: recent,
  code: oneOf(0, 1),
  msg: sentence,
  message: sentence,
  status: word,
  // a list without records has no times
  as_of: orNull(recent),
  fetched_at: orNull(recent),
  degraded: flag,
  // names
  symbol,
  symbols: symbol,
  unknown: symbol,
  added: symbol,
  removed: symbol,
  failed_symbols: symbol,
  nativeSymbol: symbol,
  base_asset: asset,
  quote_asset: asset,
  quote: asset,
  contractType: orNull(word),
  type: word,
  exchange: venue,
  venue,
  market: oneOf('spot'),
  id: textLike(/^[\p{L}\p{N}._-]{1,80}$/u, 'an id'),
  task_id: textLike(/^[\p{L}\p{N}._-]{1,80}$/u, 'an id'),
  state: word,
  key: symbol,
  reason: word,
  class: word,
  mode: oneOf('full', 'fast', 'cache_only'),
  data_source: oneOf('real_time', 'cached'),
  note: orNull(sentence),
  // figures of the whole market
  total_market_cap_usd: decimalIn(1e9, 1e16),
  total_volume_24h_usd: decimalIn(0, 1e16),
  btc_dominance_percentage: decimalIn(0.01, 100),
  eth_dominance_percentage: orNull(decimalIn(0, 100)),
  active_cryptocurrencies: orNull(wholeIn(1, 10_000_000)),
  markets: orNull(wholeIn(1, 10_000_000)),
  // pairs
  rank: orNull(wholeIn(1, 1_000)),
  quote_volume: orNull(volume),
  valid_symbols: count,
  last_price: orNull(price),
  pegged: flag,
  open_price: price,
  high_price: price,
  low_price: price,
  price_change_percent: numberIn(-100, 1e6),
  // funding rates
  funding_rate: rate,
  rate,
  entry_rate: rate,
  exit_rate: rate,
  last_rate: rate,
  max_rate: rate,
  min_rate: rate,
  avg_rate: rate,
  sum_of_rates: decimalIn(-1e4, 1e4),
  rate_8h: orNull(decimalIn(-0.8, 0.8)),
  annualized_rate: orNull(annual),
  funding_interval: orNull(interval),
  interval,
  intervals: interval,
  interval_hours: orNull(hours),
  intervalHours: orNull(hours),
  isIntervalListed: flag,
  isMissing: flag,
  isNew: flag,
  is_new: flag,
  mark_price: price,
  index_price: orNull(price),
  entry_price: price,
  exit_price: price,
  max_price: price,
  min_price: price,
  volume_24h: orNull(volume),
  direction: orNull(oneOf('long pays', 'short pays')),
  next_funding_time: coming,
  funding_time: coming,
  last_updated: recent,
  time: recent,
  at: recent,
  entry_time: recent,
  exit_time: recent,
  entered_at: recent,
  cache_time: recent,
  last_update: orNull(recent),
  date: recentDay,
  exit_reason: oneOf('below_threshold', 'low_volume', 'capped', 'delisted', 'venue_changed'),
  // analyses
  preset: oneOf('pine', 'classic', 'service'),
  trend: oneOf('uptrend', 'downtrend', 'sideways'),
  candle_pattern: orNull(oneOf('green', 'red')),
  // the first three of HAMA, all of them of a position
  recommendation: orNull(oneOf('BUY', 'SELL', 'HOLD', 'STRONG_BUY', 'REDUCE')),
  hama_status: state,
  confidence: orNull(numberIn(0, 1)),
  ha_open: orNull(price),
  ha_high: orNull(price),
  ha_low: orNull(price),
  ha_close: orNull(price),
  candle_close: orNull(price),
  realtime_price: orNull(price),
  hama_ma: orNull(price),
  ma_value: orNull(price),
  deviation_pct: orNull(numberIn(0, 1e4)),
  last_cross_direction: orNull(oneOf(1, -1)),
  last_cross_time: orNull(timeWithin(15 * DAY_MS, 0)),
  // a word of HAMA, a share of votes in the portfolio
  trend_strength: (value, moment) =>
    (typeof value === 'number' ? percent : orNull(oneOf('strong', 'moderate', 'weak')))(value, moment),
  volume_confirmation: orNull(flag),
  price_vs_ma: orNull(oneOf('above', 'below', 'equal')),
  bb_basis: orNull(price),
  bb_upper: orNull(price),
  bb_lower: orNull(band),
  bb_width: orNull(numberIn(0, 10)),
  squeeze: orNull(flag),
  expansion: orNull(flag),
  bars_used: wholeIn(1, 1_000),
  // of a year: trading in a pair may have been halted for long
  gaps: wholeIn(0, 35_040),
  analysis_note: oneOf('', 'insufficient history', 'out of range', 'outdated'),
  is_uptrend: flag,
  is_downtrend: flag,
  confidence_above_70: flag,
  is_bullish_pattern: flag,
  is_bearish_pattern: flag,
  has_volume_confirmation: flag,
  meets_buy_criteria: flag,
  meets_sell_criteria: flag,
  summary: sentence,
  cached: (value, moment) => (typeof value === 'boolean' ? flag : count)(value, moment),
  cached_at: recent,
  cache_source: oneOf('dynamodb', 'memory', 'upstream'),
  ...PORTFOLIO_UNITS,
  ...MACRO_UNITS,
  // states of jobs and tasks
  start_time: recent,
  started_at: recent,
  end_time: recent,
  next_run_at: orNull(timeWithin(0, 2 * DAY_MS)),
  last_success: orNull(recent),
  last_failure: orNull(recent),
  last_error: orNull(word),
  oldest_cache: orNull(recent),
  newest_cache: orNull(recent),
  average_duration: orNull(seconds),
  duration: orNull(seconds),
  duration_minutes: seconds,
  execution_time: seconds,
  interval_minutes: seconds,
  cache_duration_minutes: seconds,
  cache_ttl_seconds: seconds,
  cache_ttl_minutes: seconds,
  next_page: orNull(wholeIn(1, 1_000)),
  cache_type: oneOf('dynamodb', 'memory'),
  running: flag,
  available: flag,
  under_way: flag,
  cache_valid: flag,
  auto_update: flag,
}

const COUNTS = [
  'count real_time_count cached_count processed_count rejected_count page pages total total_added total_removed',
  'total_contracts total_records records rejected succeeded failed pending pool_size candidate_size days',
  'success_count failure_count consecutive_failures symbols_count cached_symbols stale_symbols',
  'memory_cache_fallback contracts_by_interval counts',
  'total_positions positions_with_value positions_with_pnl high_risk_count buy_recommendation_count',
  'events highImpact levelSum',
]
const SETTINGS =
  'exchanges quotes funding_rate_threshold funding_threshold_basis min_volume max_pool_size check_interval_seconds cache_duration_seconds task_deadline_seconds'

const MORE: Readonly<Record<string, Unit>> = Object.fromEntries([
  ...COUNTS.flatMap((names) => names.split(' ')).map((name) => [name, count]),
  ...SETTINGS.split(' ').map((name) => [name, setting]),
])

/** The names of an object that is a map: the unit of its keys. Its values have the unit of the map's own name. */
export const MAP_KEYS: Readonly<Record<string, Unit>> = {
  contracts: symbol,
  results: symbol,
  counts: symbol,
  contracts_by_interval: interval,
  intervals: interval,
  reasons: word,
  sector_ratios: sentence,
  industry_ratios: sentence,
}

/** The unit of a member; `undefined` for a name that is not stated. `parent` decides where one name has two meanings. */
export function unitOf(name: string, parent: string, job: string): Unit | undefined {
  if (job.startsWith('check-in-') && CHECK_IN_UNITS[name]) return CHECK_IN_UNITS[name]
  // a map of intervals has counts, a list of intervals has texts
  if (parent === 'intervals{}') return count
  // the scores of figures have the names of the figures
  if (parent === 'sub_scores') return percent
  if (name === 'updated_at')
    return (value, moment) => (typeof value === 'number' ? secondsWithin(DAY_MS) : recent)(value, moment)
  return MACRO_UNITS_OF[`${parent}.${name}`] ?? UNITS[name] ?? MORE[name]
}
