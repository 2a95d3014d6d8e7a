import * as z from 'zod/mini'
import { decimalText, epochNumber, optionalUnknown } from '#shared/upstreams/fields.ts'

/** The figures of a pair for 24 hours; prices in the quote asset. */
export interface Ticker {
  readonly symbol: string
  readonly lastPrice: number
  readonly openPrice: number
  readonly highPrice: number
  readonly lowPrice: number
  /** Of `lastPrice` against `openPrice`, in percent. */
  readonly priceChangePercent: number
  readonly quoteVolume: number
  /** The end of the 24 hours; milliseconds since the epoch. */
  readonly closeTime: number
}

const tickers = z.array(
  z.object({
    symbol: z.string(),
    lastPrice: optionalUnknown(),
    openPrice: optionalUnknown(),
    highPrice: optionalUnknown(),
    lowPrice: optionalUnknown(),
    priceChangePercent: optionalUnknown(),
    quoteVolume: optionalUnknown(),
    bidPrice: optionalUnknown(),
    askPrice: optionalUnknown(),
    closeTime: optionalUnknown(),
  }),
)

type Row = z.infer<typeof tickers>[number]

/** Tolerance between the exchange's percentage and that of the two rounded prices; percentage points. */
const MAX_DIFFERENCE = 0.1

/**
 * The valid tickers of the exchange's list. Invalid rows are left out: pairs that were not traded, have no price, no bid
 * or no ask, or whose figures contradict each other.
 *
 * @throws {ZodError} for a body that is not a list of tickers
 */
export function parseTickers(body: unknown): readonly Ticker[] {
  return tickers.parse(body).flatMap((row) => parseTicker(row) ?? [])
}

function parseTicker(row: Row): Ticker | undefined {
  const [lastPrice, openPrice] = [positiveNumber(row.lastPrice), positiveNumber(row.openPrice)]
  const [highPrice, lowPrice] = [positiveNumber(row.highPrice), positiveNumber(row.lowPrice)]
  const quoteVolume = positiveNumber(row.quoteVolume)
  const priceChangePercent = decimalNumber(row.priceChangePercent)
  const closeTime = epochNumber(row.closeTime)
  if (lastPrice === undefined || openPrice === undefined || highPrice === undefined || lowPrice === undefined)
    return undefined
  if (quoteVolume === undefined || priceChangePercent === undefined || closeTime === null) return undefined
  if (isOneSided(row) || lowPrice > lastPrice || lastPrice > highPrice) return undefined
  const change = (lastPrice / openPrice - 1) * 100
  if (Math.abs(change - priceChangePercent) > MAX_DIFFERENCE * Math.max(1, Math.abs(change) / 100))
    return undefined
  return {
    symbol: row.symbol,
    lastPrice,
    openPrice,
    highPrice,
    lowPrice,
    priceChangePercent,
    quoteVolume,
    closeTime,
  }
}

/** Whether the order book has no bid or no ask: the last price is then not tradable. */
function isOneSided({ bidPrice, askPrice }: Row): boolean {
  return [bidPrice, askPrice].some((price) => price !== undefined && positiveNumber(price) === undefined)
}

function positiveNumber(value: unknown): number | undefined {
  const number = decimalNumber(value)
  return number !== undefined && number > 0 ? number : undefined
}

function decimalNumber(value: unknown): number | undefined {
  const text = decimalText(value)
  const number = text === null ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}
