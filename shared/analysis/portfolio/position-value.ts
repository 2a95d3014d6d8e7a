import BigDefault from 'big.js'
import { quoteUnit } from './quote-units.ts'
import { newYorkDate } from './sessions.ts'

/** Decimals of a percentage, the only figure that is divided. */
const DIVISION_DECIMALS = 12

/** Exact decimals; a quotient is rounded half-even. */
const Decimal = BigDefault()
Decimal.DP = DIVISION_DECIMALS
Decimal.RM = Decimal.roundHalfEven

/** A position as the operator entered it. */
export interface Position {
  readonly symbol: string
  /** Number of shares as a decimal text; `null` to watch the symbol only. */
  readonly quantity: string | null
  /** Price paid per share as a decimal text, in `currency`. */
  readonly avg_cost: string | null
  /** Code of a currency or of its minor unit: `GBP`, `GBp`. */
  readonly currency: string | null
}

/** What a position is valued with. */
export interface Quote {
  /** Newest close, in the quoted unit. */
  readonly price: number | null
  /** Code of the quoted unit, from the provider or a setting: `USD`, `GBp`. */
  readonly quoteCurrency: string | null
  readonly hasRecentBar: boolean
  /** Date of the newest suspected split, or restatement by a constant ratio, `YYYY-MM-DD`; `null` without one. */
  readonly splitDate: string | null
  /** When the operator last put the position, in milliseconds since the epoch. */
  readonly updatedAt: number
}

interface Amounts {
  readonly market_value: number | null
  readonly unrealized_pnl: number | null
  /** In percent of the cost. */
  readonly unrealized_pnl_percent: number | null
}

/** Amounts in `currency` (ISO 4217), never in its minor unit. `reasons` has an entry for each amount that is `null`. */
export interface PositionValue extends Amounts {
  readonly currency: string | null
  readonly reasons: Readonly<Partial<Record<keyof Amounts, string>>>
}

/**
 * The value of a position, and its unrealized profit or loss. It uses no exchange rate and never rescales what the operator
 * entered: where the currency or the number of shares may differ, the amounts are `null`.
 *
 * @throws {Error} when `quantity` or `avg_cost` is not a decimal text
 */
export function positionValue(position: Position, quote: Quote): PositionValue {
  const { quantity, avg_cost: cost } = position
  const { price } = quote
  const unit = position.currency === null ? null : quoteUnit(position.currency)
  const quoted = quote.quoteCurrency === null ? null : quoteUnit(quote.quoteCurrency)
  const currency = unit?.currency ?? null
  if (quantity === null) return withoutValue(currency, 'watch_only')
  if (unit === null || quoted === null) return withoutValue(currency, 'currency_unknown')
  if (unit.currency !== quoted.currency) return withoutValue(currency, 'currency_mismatch')
  if (price === null) return withoutValue(currency, 'no bars')
  if (!quote.hasRecentBar) return withoutValue(currency, 'no_recent_bar')
  if (isBeforeSplit(quote)) return withoutValue(currency, 'position_before_split')

  const value = new Decimal(price).times(quantity).times(quoted.factor)
  const paid = cost === null ? null : new Decimal(cost).times(quantity).times(unit.factor)
  const profit = paid === null ? null : value.minus(paid)
  const isFree = paid === null || paid.eq(0)
  const amounts = {
    market_value: finite(value),
    unrealized_pnl: finite(profit),
    unrealized_pnl_percent: isFree ? null : finite(profit?.times(100).div(paid) ?? null),
  }
  const costReason = cost === null ? 'no_avg_cost' : 'out of range'
  return {
    currency,
    ...amounts,
    reasons: reasonsOf(amounts, {
      market_value: 'out of range',
      unrealized_pnl: costReason,
      unrealized_pnl_percent: cost !== null && isFree ? 'no_cost' : costReason,
    }),
  }
}

/** The exact sum of amounts; `null` without any. */
export function sumOf(amounts: readonly number[]): number | null {
  if (amounts.length === 0) return null
  return finite(amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0)))
}

/** A position put on the day of a split may still have the old number of shares. */
function isBeforeSplit({ splitDate, updatedAt }: Quote): boolean {
  return splitDate !== null && newYorkDate(updatedAt) <= splitDate
}

function finite(value: BigDefault.Big | null): number | null {
  const number = value?.toNumber() ?? null
  return Number.isFinite(number) ? number : null
}

function withoutValue(currency: string | null, reason: string): PositionValue {
  const amounts = { market_value: null, unrealized_pnl: null, unrealized_pnl_percent: null }
  const reasons = { market_value: reason, unrealized_pnl: reason, unrealized_pnl_percent: reason }
  return { currency, ...amounts, reasons }
}

/** The reasons of those figures that are `null`. */
export function reasonsOf<T extends object>(
  figures: T,
  reasons: Readonly<Record<keyof T, string>>,
): Readonly<Partial<Record<keyof T, string>>> {
  const absent = (Object.keys(figures) as (keyof T)[]).filter((name) => figures[name] === null)
  return Object.fromEntries(absent.map((name) => [name, reasons[name]])) as Partial<Record<keyof T, string>>
}
