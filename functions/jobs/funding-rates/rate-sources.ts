import type { Venue } from '#shared/systems/funding/venues.ts'
import { binance } from './binance.ts'
import { bybit } from './bybit.ts'
import { okx } from './okx.ts'
import type { RateSource } from './rate-source.ts'

/** How each venue is asked for its rates. */
export const rateSources: Readonly<Record<Venue, RateSource>> = { binance, bybit, okx }
