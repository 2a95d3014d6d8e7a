import type { Candle } from './candles.ts'

/** A bar's four prices. */
export type Prices = Pick<Candle, 'open' | 'high' | 'low' | 'close'>

/** The mean of a bar's four prices; of four equal ones exactly that price. */
export function ohlc4({ open, high, low, close }: Prices): number {
  return (open + close + (high + low)) / 4
}

/** The middle between where a bar opened and where it closed. */
export function bodyMiddle({ open, close }: Pick<Prices, 'open' | 'close'>): number {
  return (open + close) / 2
}
