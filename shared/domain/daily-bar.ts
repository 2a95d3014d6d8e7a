/** One day of trading. Prices are positive, in the unit in which the exchange quotes them. */
export interface DailyBar {
  /** The day at the exchange: `2026-11-27`. */
  readonly date: string
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Number of shares; `null` where the provider sends none. */
  readonly volume: number | null
}
