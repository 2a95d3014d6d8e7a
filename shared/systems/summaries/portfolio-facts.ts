import type { FundamentalRecord } from '#shared/analysis/portfolio/fundamental-record.ts'
import { type Facts, SCORE_SCALE } from '#shared/analysis/summaries/facts.ts'
import type { ScoredSymbol, TechnicalData } from '../portfolio/scored-symbol.ts'

/** What the job `fundamental` stores of a symbol. */
export interface StoredFundamental {
  readonly fundamental: FundamentalRecord['fundamental'] | null
}

/** The facts of the scores of a position, without its symbol, quantity and cost; `undefined` without an overall score. */
export function positionFacts(record: ScoredSymbol): Facts | undefined {
  if (record.overall_score === null) return undefined
  const { trend_snapshot: trend } = record
  return {
    overall_score: record.overall_score,
    technical_score: record.technical_score,
    fundamental_score: record.fundamental_score,
    sentiment_score: record.sentiment_score,
    risk_level: record.risk_level,
    recommendation: record.recommendation,
    target_position_as_fraction: record.target_position,
    stop_loss_price: record.stop_loss,
    take_profit_price: record.take_profit,
    closing_price: record.close,
    session: record.date,
    beta: record.beta,
    trend_direction: trend?.trend_direction ?? null,
    trend_strength: trend?.trend_strength ?? null,
    momentum_status: trend?.rsi_status ?? null,
    band_position: trend?.bb_position ?? null,
    ...SCORE_SCALE,
  }
}

/** The facts of the technical indicators of a symbol; `undefined` without a bar. */
export function technicalFacts(record: TechnicalData): Facts | undefined {
  if (record.close === null) return undefined
  return {
    session: record.date,
    closing_price: record.close,
    average_of_five_days: record.ma5,
    average_of_ten_days: record.ma10,
    average_of_twenty_days: record.ma20,
    average_of_fifty_days: record.ma50,
    average_of_two_hundred_days: record.ma200,
    relative_strength_index: record.rsi14,
    relative_strength_status: record.rsi_status,
    convergence_divergence: record.macd,
    convergence_divergence_signal: record.macd_signal,
    convergence_divergence_histogram: record.macd_histogram,
    convergence_divergence_status: record.macd_status,
    upper_band: record.bb_upper,
    middle_band: record.bb_middle,
    lower_band: record.bb_lower,
    band_position: record.bb_position,
    band_width_percentile: record.width_percentile,
    average_true_range: record.atr14,
    volume_ratio: record.volume_ratio,
    trend_direction: record.trend_direction,
    trend_strength: record.trend_strength,
  }
}

/** The facts of the fundamentals of a company, without its name; `undefined` without an overall score. */
export function fundamentalFacts({ fundamental }: StoredFundamental): Facts | undefined {
  if (fundamental === null || fundamental.overall_score === null) return undefined
  return {
    overall_score: fundamental.overall_score,
    valuation_score: fundamental.valuation_score,
    profitability_score: fundamental.profitability_score,
    growth_score: fundamental.growth_score,
    health_score: fundamental.health_score,
    price_to_earnings: fundamental.pe,
    price_to_book: fundamental.pb,
    price_to_earnings_to_growth: fundamental.peg,
    return_on_equity_percent: fundamental.roe,
    return_on_assets_percent: fundamental.roa,
    margin_percent: fundamental.margin,
    revenue_growth_percent: fundamental.revenue_growth,
    earnings_growth_percent: fundamental.earnings_growth,
    current_ratio: fundamental.current_ratio,
    debt_to_equity: fundamental.debt_to_equity,
    beta: fundamental.beta,
    latest_quarter: fundamental.latest_quarter,
    ...SCORE_SCALE,
  }
}
