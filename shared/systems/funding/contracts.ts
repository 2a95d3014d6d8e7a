/** A futures contract of one venue, in the words of all of them. */
export type Contract = {
  /** Base and quote: `BTCUSDT`. What is no perpetual keeps the venue's own name. */
  readonly symbol: string
  /** The venue's own name: `BTC-USDT-SWAP`. */
  readonly nativeSymbol: string
  /** `TRADING`, or the venue's own word for any other. */
  readonly status: string
  /** `PERPETUAL`, or the venue's own word for any other. */
  readonly contractType: string
  /** `USDT` */
  readonly quote: string
  /** Hours between two settlements; `null` where the venue tells it only with the rate, or not at all. */
  readonly intervalHours: number | null
}

/**
 * The contracts whose rates are wanted: perpetual, trading, in one of these quotes.
 *
 * @param symbols - only these, where given
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
 * Hours between two settlements as whole hours, at least one: 8 for 7.95, 5 for 5.3.
 *
 * @returns `null` for what is no positive number, or more than a week
 */
export function roundInterval(hours: number): number | null {
  return hours > 0 && hours <= MAX_HOURS ? Math.max(1, Math.round(hours)) : null
}
