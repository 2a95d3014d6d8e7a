import { FIAT_CURRENCIES, isCash } from './universe.ts'

/** A pair with its prices of the last 24 hours, in the quote asset. */
export interface DayPrices {
  readonly symbol: string
  readonly baseAsset: string
  readonly quoteAsset: string
  readonly last: number
  readonly high: number
  readonly low: number
}

/** A pair as it was a day before. */
export interface PriceBefore {
  readonly last: number
  readonly isPegged: boolean
}

const QUOTE = 'USDT'

/** Tokens that follow the price of gold are no money. */
const GOLD: ReadonlySet<string> = new Set(['PAXG', 'XAUT', 'KAU'])

/** Ranges of a day, high over low minus 1. A currency moves by about half a percent, a crypto currency by several. */
const STILL_RANGE = 0.005
const NARROW_RANGE = 0.01

/** Largest distance from the price of a currency, and from the asset's own price of the day before. */
const MAX_DISTANCE = 0.01

/**
 * The pairs against USDT whose base asset behaves like money: a token pegged to a currency. In 24 hours its price moves as
 * little as that of a currency, and it is either the price of a currency that the same tickers have, or hardly any
 * movement at all (the pegs of currencies without a pair). An asset that was found to be pegged remains so while its price
 * stays in place.
 *
 * @param pairs - all pairs of the exchange, those of currencies included
 * @param before - the pairs of the day before, by symbol
 */
export function peggedPairs(
  pairs: readonly DayPrices[],
  before: ReadonlyMap<string, PriceBefore>,
): ReadonlySet<string> {
  const currencies = currencyPrices(pairs)
  const isBesideCurrency = (last: number) => currencies.some((price) => isClose(last, price))
  const pegged = pairs.filter(({ symbol, baseAsset, quoteAsset, last, high, low }) => {
    if (quoteAsset !== QUOTE || isCash(baseAsset) || GOLD.has(baseAsset)) return false
    const range = high / low - 1
    if (range <= NARROW_RANGE && isBesideCurrency(last)) return true
    const earlier = before.get(symbol)
    const isInPlace = earlier === undefined || isClose(last, earlier.last)
    return isInPlace && range <= (earlier?.isPegged ? NARROW_RANGE : STILL_RANGE)
  })
  return new Set(pegged.map(({ symbol }) => symbol))
}

/** Prices of currencies in USDT: of the dollar, and of each currency with a pair on either side of USDT. */
function currencyPrices(pairs: readonly DayPrices[]): readonly number[] {
  const listed = pairs.flatMap(({ baseAsset, quoteAsset, last }) => {
    if (quoteAsset === QUOTE && FIAT_CURRENCIES.has(baseAsset)) return [last]
    return baseAsset === QUOTE && FIAT_CURRENCIES.has(quoteAsset) ? [1 / last] : []
  })
  return [1, ...listed]
}

function isClose(price: number, other: number): boolean {
  return Math.abs(price / other - 1) <= MAX_DISTANCE
}
