/** A futures contract of one venue, in the terms common to all venues. */
export type Contract = {
  /** Base and quote: `BTCUSDT`. A contract that is not perpetual keeps the venue's name. */
  readonly symbol: string
  /** The venue's name: `BTC-USDT-SWAP`. */
  readonly nativeSymbol: string
  /** `TRADING`, or the venue's value for any other status. */
  readonly status: string
  /** `PERPETUAL`, or the venue's value for any other type. */
  readonly contractType: string
  /** `USDT` */
  readonly quote: string
  /** Hours between two settlements; `null` if the venue sends them only with the rate, or not at all. */
  readonly intervalHours: number | null
}

/**
 * Selects the contracts whose rates are fetched: perpetual, trading, in one of the quotes.
 *
 * @param symbols - limits the selection to these symbols
 */
export function selectContracts(
  contracts: readonly Contract[],
  quotes: readonly string[],
  symbols?: readonly string[],
): readonly Contract[] {
  const only = symbols && new Set(symbols)
  return contracts.filter(
    ({ symbol, status, contractType, quote }) =>
      contractType === 'PERPETUAL' &&
      status === 'TRADING' &&
      quotes.includes(quote) &&
      (only === undefined || only.has(symbol)),
  )
}

const MAX_HOURS = 7 * 24

/**
 * Rounds the hours between two settlements to whole hours, at least 1: 7.95 to 8, 5.3 to 5.
 *
 * @returns `null` unless the value is positive and at most a week
 */
export function roundInterval(hours: number): number | null {
  return hours > 0 && hours <= MAX_HOURS ? Math.max(1, Math.round(hours)) : null
}
