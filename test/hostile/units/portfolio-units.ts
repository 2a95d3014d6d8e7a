import { DAY_MS } from '#shared/domain/duration.ts'
import {
  dateWithin,
  decimalIn,
  numberIn,
  oneOf,
  orNull,
  sentence,
  symbol,
  textLike,
  timeWithin,
  type Unit,
} from './unit.ts'

/** A share costs from a thousandth of a cent to some millions, in any currency and its hundredth. */
const sharePrice = numberIn(1e-5, 1e9)
const priceDifference = orNull(numberIn(-1e9, 1e9))
/** A session trades at most all shares of a company, of which there are up to 1e12. */
const shares = numberIn(0, 1e13)
/** A share of a whole, or a score. */
export const percent = orNull(numberIn(0, 100))
/** A ratio of a price has no meaning when it is 0 or less. A share of some cents may be worth a millionth of its price. */
const priceRatio = orNull(numberIn(1e-6, 1e6))
/** From almost nothing, in percent. */
const growth = orNull(numberIn(-1e6, 1e6))
/** A part of a sum, computed from numbers that are rounded. */
const share = orNull(numberIn(0, 1.000000001))

/** The units of what the jobs of the portfolio publish, by the names of the members. */
export const PORTFOLIO_UNITS: Readonly<Record<string, Unit>> = {
  // indicators of daily bars
  timeframe: oneOf('1D'),
  close: sharePrice,
  volume: orNull(shares),
  ma5: orNull(sharePrice),
  ma10: orNull(sharePrice),
  ma20: orNull(sharePrice),
  ma50: orNull(sharePrice),
  ma200: orNull(sharePrice),
  rsi14: percent,
  rsi_status: orNull(oneOf('OVERSOLD', 'NEUTRAL', 'OVERBOUGHT')),
  rsi_signal: orNull(oneOf('BUY', 'SELL', 'HOLD')),
  macd: priceDifference,
  macd_signal: priceDifference,
  macd_histogram: priceDifference,
  macd_status: orNull(oneOf('BULLISH_CROSSOVER', 'BEARISH_CROSSOVER', 'NEUTRAL')),
  bb_middle: orNull(sharePrice),
  bb_position: orNull(oneOf('ABOVE_UPPER', 'MIDDLE_TO_UPPER', 'LOWER_TO_MIDDLE', 'BELOW_LOWER')),
  width_percentile: percent,
  atr14: orNull(numberIn(0, 1e9)),
  // a sum of the volumes of all bars
  obv: orNull(numberIn(-1e16, 1e16)),
  volume_sma20: orNull(shares),
  // one of twenty volumes over their mean
  volume_ratio: orNull(numberIn(0, 20.000001)),
  trend_direction: orNull(oneOf('BULLISH', 'SIDEWAYS', 'BEARISH')),
  support_levels: sharePrice,
  resistance_levels: sharePrice,
  bars_from: dateWithin(800),
  reasons: sentence,
  quote_currency: orNull(textLike(/^[A-Z]{2}[A-Za-z]$/, 'a code of a currency or of its hundredth')),
  quote_factor: orNull(oneOf(1, 0.01)),
  split_date: orNull(dateWithin(800)),
  restated_on: orNull(dateWithin(400)),
  rescaled_on: orNull(dateWithin(400)),
  degraded_reasons: oneOf(
    ...['no_recent_bar', 'suspected_split', 'bars_restated', 'no_volume'],
    ...['unit_suspect', 'unreadable', 'no_balance_sheet_answer', 'no_technical', 'no_fundamental'],
    ...['implausible_empty', 'stale_observation'],
  ),
  // fundamentals
  asset_type: orNull(sentence),
  currency: orNull(textLike(/^[A-Z]{3}$/, 'a code of ISO 4217')),
  sector: orNull(sentence),
  industry: orNull(sentence),
  // a company that has reported nothing for ten years is not listed any more
  latest_quarter: orNull(dateWithin(3_650)),
  balance_sheet_date: orNull(dateWithin(3_650)),
  pe: priceRatio,
  pb: priceRatio,
  peg: priceRatio,
  // a share does not move a hundred times as much as its market
  beta: orNull(numberIn(-100, 100)),
  // equity may be close to 0, and revenue too
  roe: orNull(numberIn(-1e6, 1e6)),
  margin: orNull(numberIn(-1e6, 1e6)),
  // a year does not earn or lose ten times what a company owns
  roa: orNull(numberIn(-1_000, 1_000)),
  revenue_growth: growth,
  earnings_growth: growth,
  // nothing that a company owns or owes within a year is negative
  current_ratio: orNull(numberIn(0, 1e6)),
  // equity may be negative
  debt_to_equity: orNull(numberIn(-1e6, 1e6)),
  valuation_score: percent,
  profitability_score: percent,
  growth_score: percent,
  health_score: percent,
  overall_score: percent,
  coverage: numberIn(0, 1),
  // scores of positions
  technical_score: percent,
  fundamental_score: percent,
  sentiment_score: percent,
  risk_level: orNull(oneOf('LOW', 'MEDIUM', 'HIGH', 'EXTREME')),
  target_position: orNull(numberIn(0, 1)),
  stop_loss: orNull(sharePrice),
  take_profit: orNull(sharePrice),
  // the assessment of a portfolio
  quantity: orNull(decimalIn(0, 1e13)),
  avg_cost: orNull(decimalIn(0, 1e9)),
  current_price: orNull(sharePrice),
  price_date: orNull(dateWithin(400)),
  market_value: orNull(numberIn(0, 1e15)),
  unrealized_pnl: orNull(numberIn(-1e15, 1e15)),
  unrealized_pnl_percent: orNull(numberIn(-100, 1e6)),
  total_value: orNull(numberIn(0, 1e15)),
  total_pnl: orNull(numberIn(-1e15, 1e15)),
  avg_score: percent,
  weighted_score: percent,
  total_beta: orNull(numberIn(-100, 100)),
  sector_ratios: share,
  industry_ratios: share,
  positions_changed_at: orNull(timeWithin(400 * DAY_MS)),
  missing: symbol,
  next_cursor: orNull(symbol),
}
