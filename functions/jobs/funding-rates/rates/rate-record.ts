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
  /** `8h`; `null` if it is not known, like the figures that follow from it. */
  readonly funding_interval: string | null
  readonly interval_hours: number | null
  readonly mark_price: string
  readonly index_price: string | null
  /** In units of the quote. */
  readonly volume_24h: string | null
  readonly annualized_rate: string | null
  readonly rate_8h: string | null
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
    funding_interval: intervalHours === null ? null : `${intervalHours}h`,
    interval_hours: intervalHours,
    mark_price: quote.markPrice,
    index_price: quote.indexPrice,
    volume_24h: quote.volume,
    annualized_rate: intervalHours === null ? null : annualizedRate(rate, intervalHours),
    rate_8h: intervalHours === null ? null : eightHourRate(rate, intervalHours),
    last_updated: isoSeconds(quote.at),
    data_source: 'real_time',
    note: quote.note,
  }
}

/** The number of contracts per known settlement interval, the shortest first: `{"1h": 12, "8h": 204}`. */
export function intervalCounts(records: readonly RateRecord[]): Readonly<Record<string, number>> {
  const counts = new Map<number, number>()
  for (const { interval_hours: hours } of records) {
    if (hours !== null) counts.set(hours, (counts.get(hours) ?? 0) + 1)
  }
  const sorted = [...counts].toSorted(([a], [b]) => a - b)
  return Object.fromEntries(sorted.map(([hours, count]) => [`${hours}h`, count]))
}
