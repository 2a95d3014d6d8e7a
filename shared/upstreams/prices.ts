/** The prices of one instrument in one response, as decimals; `null` where the provider sends none. */
interface InstrumentPrices {
  readonly bid: string | null
  readonly ask: string | null
  readonly last: string | null
  /** The price of which gains and losses are computed; spot markets have none. */
  readonly mark: string | null
  /** The price of the underlying asset; spot markets have none. */
  readonly index: string | null
}

/** Largest factor between the last price and the best bid, the best ask or the mark price. */
const MAX_LAST_FACTOR = 2

/** Largest distance between the index price and the mark price, as a share of the mark price. */
const MAX_INDEX_DISTANCE = 0.5

/** Which prices of an instrument contradict each other; `undefined` if none do. */
export function pricesFault(prices: Partial<InstrumentPrices>): string | undefined {
  const { bid, ask, last, mark, index } = prices
  if (bid && ask && Number(bid) > Number(ask))
    return `expected a bid of at most the ask of ${ask}, got ${bid}`
  if (last && bid && Number(last) < Number(bid) / MAX_LAST_FACTOR)
    return `expected a last price close to the bid of ${bid}, got ${last}`
  if (last && ask && Number(last) > Number(ask) * MAX_LAST_FACTOR)
    return `expected a last price close to the ask of ${ask}, got ${last}`
  if (last && mark && Math.abs(Math.log(Number(last) / Number(mark))) > Math.log(MAX_LAST_FACTOR))
    return `expected a last price close to the mark price of ${mark}, got ${last}`
  if (index && mark && !(Math.abs(Number(index) / Number(mark) - 1) <= MAX_INDEX_DISTANCE))
    return `expected an index price close to the mark price of ${mark}, got ${index}`
  return undefined
}
