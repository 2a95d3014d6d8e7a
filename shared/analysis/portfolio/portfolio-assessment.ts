import { portfolioAnalysis, portfolioSummary } from './portfolio-summary.ts'
import type { PositionScores } from './position-scores.ts'
import { type Position, positionValue, type Quote } from './position-value.ts'
import type { TechnicalRecord } from './technical-record.ts'

/** A position with what is stored for its symbol. */
export interface AssessmentInputs extends Omit<Quote, 'price'> {
  readonly position: Position
  /** `null` without bars. */
  readonly technical: Trend | null
  readonly scores: PositionScores
  /** `null` without fundamentals. */
  readonly company: Company | null
}

/** The newest close, and the members of a technical record that describe its trend. */
type Trend = Pick<
  TechnicalRecord,
  'close' | 'date' | 'trend_direction' | 'trend_strength' | 'rsi_status' | 'macd_status' | 'bb_position'
>

interface Company {
  readonly sector: string | null
  readonly industry: string | null
  readonly beta: number | null
}

/**
 * Assesses the active positions: those that are watched only, and those with a quantity above 0. Prices and levels are in
 * the quoted unit, amounts in the currency of the position. `reasons` has an entry for each member that is `null`.
 *
 * @throws {Error} when a `quantity` or `avg_cost` is not a decimal text
 */
export function portfolioAssessment(inputs: readonly AssessmentInputs[]) {
  const active = inputs.filter(({ position }) => position.quantity === null || Number(position.quantity) > 0)
  const positions = active.map(assessedPosition)
  return {
    positions,
    summary: portfolioSummary(positions),
    portfolio_analysis: portfolioAnalysis(positions),
  }
}

function assessedPosition({ position, technical, scores, company, ...quote }: AssessmentInputs) {
  const price = technical?.close ?? null
  const value = positionValue(position, { price, ...quote })
  return {
    symbol: position.symbol,
    quantity: position.quantity,
    avg_cost: position.avg_cost,
    current_price: price,
    price_date: technical?.date ?? null,
    quote_currency: quote.quoteCurrency,
    ...value,
    sector: company?.sector ?? null,
    industry: company?.industry ?? null,
    beta: company?.beta ?? null,
    ...scores,
    trend_snapshot: technical === null ? null : trendSnapshot(technical),
    reasons: { ...value.reasons, ...scores.reasons, ...absenceReasons(technical, company) },
  }
}

/** The members of a technical record that an assessment shows. */
export function trendSnapshot(record: Omit<Trend, 'close' | 'date'>) {
  const { trend_direction, trend_strength, rsi_status, macd_status, bb_position } = record
  return { trend_direction, trend_strength, rsi_status, macd_status, bb_position }
}

function absenceReasons(technical: Trend | null, company: Company | null) {
  const reasons: Record<string, string> = {}
  if (technical === null) reasons['trend_snapshot'] = 'no bars'
  if ((technical?.close ?? null) === null) reasons['current_price'] = 'no bars'
  for (const name of ['sector', 'industry', 'beta'] as const) {
    if (company === null) reasons[name] = 'no_fundamentals'
    else if (company[name] === null) reasons[name] = 'no value'
  }
  return reasons
}
