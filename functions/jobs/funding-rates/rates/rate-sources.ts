import type { Venue } from '#shared/systems/funding/venues.ts'
import { binanceRates } from './binance-rates.ts'
import { bybitRates } from './bybit-rates.ts'
import { okxRates } from './okx-rates.ts'
import type { RateSource } from './rate-source.ts'

/** The source of rates of each venue. */
export const rateSources: Readonly<Record<Venue, RateSource>> = {
  binance: binanceRates,
  bybit: bybitRates,
  okx: okxRates,
}
