import { isoSeconds } from '#shared/domain/time.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { annualizedRate, eightHourRate } from './rate-arithmetic.ts'
import type { RateQuote } from './rate-quotes.ts'

/** The documented record of one contract. Rates, prices and volumes are decimals, times ISO with whole seconds. */
export type RateRecord = {
  readonly symbol: string
  readonly exchange: Venue
  readonly funding_rate: string
  readonly next_funding_time: string
  /** `8h` */
  readonly funding_interval: string
  readonly interval_hours: number
  readonly mark_price: string
  readonly index_price: string | null
  /** In units of the quote. */
  readonly volume_24h: string | null
  readonly annualized_rate: string
  readonly rate_8h: string
  /** The venue's own time of the quote. */
  readonly last_updated: string
  readonly data_source: 'real_time' | 'cached'
  readonly note: string | null
}

/** The stored record of a quote. */
export function toRateRecord(venue: Venue, quote: RateQuote): RateRecord {
  const { rate, intervalHours } = quote
  return {
    symbol: quote.symbol,
    exchange: venue,
    funding_rate: rate,
    next_funding_time: isoSeconds(quote.nextFundingTime),
    funding_interval: `${intervalHours}h`,
    interval_hours: intervalHours,
    mark_price: quote.markPrice,
    index_price: quote.indexPrice,
    volume_24h: quote.volume,
    annualized_rate: annualizedRate(rate, intervalHours),
    rate_8h: eightHourRate(rate, intervalHours),
    last_updated: isoSeconds(quote.at),
    data_source: 'real_time',
    note: quote.note,
  }
}

/** The number of contracts per settlement interval, the shortest first: `{"1h": 12, "8h": 204}`. */
export function intervalCounts(records: readonly RateRecord[]): Readonly<Record<string, number>> {
  const counts = new Map<number, number>()
  for (const { interval_hours: hours } of records) counts.set(hours, (counts.get(hours) ?? 0) + 1)
  const sorted = [...counts].toSorted(([a], [b]) => a - b)
  return Object.fromEntries(sorted.map(([hours, count]) => [`${hours}h`, count]))
}
