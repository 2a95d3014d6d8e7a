/** A futures contract of one venue, in the terms common to all venues. */
export type Contract = {
  /** Base and quote: `BTCUSDT`. A contract that is not perpetual keeps the venue's name. */
  readonly symbol: string
  /** The venue's name: `BTC-USDT-SWAP`. */
  readonly nativeSymbol: string
  /** `TRADING`, or the venue's value for any other status. */
  readonly status: string
  /** `PERPETUAL`, or the venue's value for any other type; `null` for a contract without one, which is not traded yet. */
  readonly contractType: string | null
  /** `USDT` */
  readonly quote: string
  /** Hours between two settlements; `null` if the venue sends them only with the rate, or they are not known. */
  readonly intervalHours: number | null
  /** Whether the venue's list of intervals had this contract; absent at a venue without such a list. */
  readonly isIntervalListed?: boolean
  /** The venue's last list was the first one with this contract. */
  readonly isNew?: true
  /** The venue's last list did not have this contract, or its row could not be read: it is kept until the next list. */
  readonly isMissing?: true
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
