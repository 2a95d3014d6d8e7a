/** What one unit of a quoted price is. */
export interface QuoteUnit {
  /** The currency in ISO 4217: `GBP`. */
  readonly currency: string
  /** A quoted price times this factor is an amount of the currency: 0.01 for prices in pence. */
  readonly factor: number
}

/** Exchanges in London, Johannesburg and Tel Aviv quote in hundredths of their currency. The case of a code matters. */
const MINOR_UNITS: Readonly<Record<string, string>> = { GBp: 'GBP', GBX: 'GBP', ZAc: 'ZAR', ILA: 'ILS' }

/**
 * The unit of prices that are quoted in `code`.
 *
 * @returns `undefined` for a text that is no code of a currency
 * @example
 * quoteUnit('GBp') // { currency: 'GBP', factor: 0.01 }
 */
export function quoteUnit(code: string): QuoteUnit | undefined {
  const currency = Object.hasOwn(MINOR_UNITS, code) ? MINOR_UNITS[code] : undefined
  if (currency !== undefined) return { currency, factor: 0.01 }
  return /^[A-Z]{3}$/.test(code) ? { currency: code, factor: 1 } : undefined
}
