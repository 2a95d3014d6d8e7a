import BigDefault from 'big.js'

const PLACES = 10

/** Decimals that are rounded half-even to ten places; exact where nothing is divided. */
const Decimal = BigDefault()
Decimal.DP = PLACES
Decimal.RM = Decimal.roundHalfEven

const HOURS_A_DAY = 24
const DAYS_A_YEAR = 365
const BASIS_HOURS = 8

/** A rate per interval, scaled to a year of 365 days without compounding: `0.0001` per 8 hours is `0.1095`. */
export function annualizedRate(rate: string, intervalHours: number): string {
  return toPlainText(new Decimal(rate).times(HOURS_A_DAY * DAYS_A_YEAR).div(intervalHours))
}

/** A rate per interval, scaled to 8 hours: `-0.0028` per 4 hours is `-0.0056`. */
export function eightHourRate(rate: string, intervalHours: number): string {
  return toPlainText(new Decimal(rate).times(BASIS_HOURS).div(intervalHours))
}

/** The product, rounded half-even to ten places. */
export function product(a: string, b: string): string {
  return toPlainText(new Decimal(a).times(b).round(PLACES, Decimal.roundHalfEven))
}

/** The exact sum. */
export function sum(a: string, b: string): string {
  return toPlainText(new Decimal(a).plus(b))
}

/** A sum divided by its count, rounded half-even to ten places. */
export function mean(total: string, count: number): string {
  return toPlainText(new Decimal(total).div(count))
}

/** Negative, zero or positive, like the sign of `a - b`. */
export function compare(a: string, b: string): number {
  return new Decimal(a).cmp(b)
}

/** Compares absolute values: negative, zero or positive, like the sign of `|a| - |b|`. */
export function compareMagnitudes(a: string, b: string): number {
  return new Decimal(a).abs().cmp(new Decimal(b).abs())
}

/** Without exponent or trailing zeros; zero has no sign. */
function toPlainText(value: BigDefault.Big): string {
  return value.toFixed()
}
