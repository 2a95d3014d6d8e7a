import Decimal from 'big.js'

/** Decimals of a published score. */
const SCORE_DECIMALS = 2

/** A score, 0 to 100, rounded half-up to two decimals of its shortest decimal form. `null` stays `null`. */
export function roundScore(score: number | null): number | null {
  return score === null ? null : new Decimal(score).round(SCORE_DECIMALS, Decimal.roundHalfUp).toNumber()
}

/** The mean of the values that are present; `null` without any. */
export function meanOfPresent(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null)
  if (present.length === 0) return null
  return present.reduce((sum, value) => sum + value, 0) / present.length
}
