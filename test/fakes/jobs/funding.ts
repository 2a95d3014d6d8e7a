import type { PoolCheck } from '#functions/jobs/funding-rates/rates/pool.ts'
import type { RateQuote } from '#functions/jobs/funding-rates/rates/rate-quotes.ts'
import { type RateRecord, toRateRecord } from '#functions/jobs/funding-rates/rates/rate-record.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'

/** A moment at which contracts of every interval are an hour or more before their settlement. */
export const AT = Date.UTC(2026, 10, 20, 15, 4, 6)

const MINUTE_MS = 60_000

/** Contracts that are wanted, by their symbols. */
export function contractsOf(...symbols: readonly string[]): readonly Contract[] {
  return symbols.map((symbol) => ({
    symbol,
    nativeSymbol: symbol,
    status: 'TRADING',
    contractType: 'PERPETUAL',
    quote: 'USDT',
    intervalHours: 8,
  }))
}

/** A record of `symbol`, ten minutes a check apart. */
export function rateRecordOf(
  symbol: string,
  rate: string,
  volume: string | null = '5000000',
  more: Partial<RateQuote> & { readonly venue?: Venue; readonly check?: number } = {},
): RateRecord {
  const { venue = 'binance', check = 0, ...quote } = more
  return toRateRecord(venue, {
    symbol,
    rate,
    nextFundingTime: Date.UTC(2026, 10, 20, 16),
    intervalHours: 8,
    markPrice: '10',
    indexPrice: null,
    volume,
    at: AT + check * 10 * MINUTE_MS,
    note: null,
    isDegraded: false,
    ...quote,
  })
}

/** The default rules, at a check of its number, ten minutes apart. */
export function poolCheckAt(check: number, more: Partial<PoolCheck> = {}): PoolCheck {
  return {
    venue: 'binance',
    threshold: 0.003,
    basis: 'raw',
    minVolume: 1_000_000,
    maxSize: 20,
    now: AT + check * 10 * MINUTE_MS + 1_000,
    ...more,
  }
}
