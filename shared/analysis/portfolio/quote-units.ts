/** The unit of quoted prices: a price times `factor` is an amount of `currency` (ISO 4217). */
interface QuoteUnit {
  readonly currency: string
  readonly factor: number
}

/** London, Johannesburg and Tel Aviv quote in hundredths of their currency. The case of a code matters: GBp is not GBP. */
const MINOR_UNITS: ReadonlyMap<string, string> = new Map([
  ['GBp', 'GBP'],
  ['GBX', 'GBP'],
  ['ZAc', 'ZAR'],
  ['ILA', 'ILS'],
])

const WITH_MINOR_UNIT: ReadonlySet<string> = new Set([...MINOR_UNITS.keys(), ...MINOR_UNITS.values()])
const SUFFIXES_WITH_MINOR_UNIT: ReadonlySet<string> = new Set(['L', 'LON', 'JO', 'TA'])

/** A suffix of these letters names a class of shares (`BRK.B`), not an exchange (`VOD.L`). */
const SHARE_CLASSES: ReadonlySet<string> = new Set(['A', 'B', 'C'])

const MINOR_FACTOR = 0.01

/**
 * The unit of a currency code as providers write it: `GBp` is `{ currency: 'GBP', factor: 0.01 }`, `USD` is
 * `{ currency: 'USD', factor: 1 }`.
 *
 * @returns `null` for a text that is no currency code
 */
export function quoteUnit(code: string): QuoteUnit | null {
  const currency = MINOR_UNITS.get(code)
  if (currency !== undefined) return { currency, factor: MINOR_FACTOR }
  return /^[A-Z]{3}$/.test(code) ? { currency: code, factor: 1 } : null
}

/**
 * Whether prices of a symbol may switch between a currency and its hundredth: by the code of the currency, or by the
 * exchange in the symbol's suffix.
 *
 * @param code - as the provider writes it; `null` if the provider names no currency
 */
export function hasMinorUnit(code: string | null, symbol: string): boolean {
  if (code !== null && WITH_MINOR_UNIT.has(code)) return true
  return SUFFIXES_WITH_MINOR_UNIT.has(exchangeSuffix(symbol) ?? '')
}

/** The exchange in a symbol: `LON` of `TSCO.LON`; `null` for `IBM`, and for `BRK.B`, whose suffix is a class of shares. */
export function exchangeSuffix(symbol: string): string | null {
  const suffix = /\.([A-Z]+)$/.exec(symbol)?.[1]
  return suffix === undefined || SHARE_CLASSES.has(suffix) ? null : suffix
}
