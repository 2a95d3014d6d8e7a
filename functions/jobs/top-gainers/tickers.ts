import * as z from 'zod/mini'
import { anyMember, decimalText, epochNumber } from '#shared/upstreams/fields.ts'

/** What became of a pair within 24 hours; prices in the quote asset. */
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
    lastPrice: anyMember(),
    openPrice: anyMember(),
    highPrice: anyMember(),
    lowPrice: anyMember(),
    priceChangePercent: anyMember(),
    quoteVolume: anyMember(),
    bidPrice: anyMember(),
    askPrice: anyMember(),
    closeTime: anyMember(),
  }),
)

type Row = z.infer<typeof tickers>[number]

/** Points of a percent by which the exchange's own figure may differ from that of the two prices, which are rounded. */
const MOST_APART = 0.1

/**
 * The tickers of the exchange's list from which a change of price can be told. One row without does not spoil the list:
 * a pair that was not traded, has no price, no bid or no ask, or whose figures contradict each other says nothing.
 *
 * @throws {ZodError} for what is no list of tickers
 */
export function tickersOf(body: unknown): readonly Ticker[] {
  return tickers.parse(body).flatMap((row) => tickerOf(row) ?? [])
}

function tickerOf(row: Row): Ticker | undefined {
  const [lastPrice, openPrice] = [positive(row.lastPrice), positive(row.openPrice)]
  const [highPrice, lowPrice] = [positive(row.highPrice), positive(row.lowPrice)]
  const quoteVolume = positive(row.quoteVolume)
  const priceChangePercent = decimal(row.priceChangePercent)
  const closeTime = epochNumber(row.closeTime)
  if (lastPrice === undefined || openPrice === undefined || highPrice === undefined || lowPrice === undefined)
    return undefined
  if (quoteVolume === undefined || priceChangePercent === undefined || closeTime === null) return undefined
  if (isOneSided(row) || lowPrice > lastPrice || lastPrice > highPrice) return undefined
  const change = (lastPrice / openPrice - 1) * 100
  if (Math.abs(change - priceChangePercent) > MOST_APART * Math.max(1, Math.abs(change) / 100))
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

/** Nobody buys, or nobody sells: the last price is one at which nobody could trade. */
function isOneSided({ bidPrice, askPrice }: Row): boolean {
  return [bidPrice, askPrice].some((price) => price !== undefined && positive(price) === undefined)
}

function positive(value: unknown): number | undefined {
  const number = decimal(value)
  return number !== undefined && number > 0 ? number : undefined
}

function decimal(value: unknown): number | undefined {
  const text = decimalText(value)
  const number = text === null ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}
