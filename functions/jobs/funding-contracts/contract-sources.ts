import type { Venue } from '#shared/systems/funding/venues.ts'
import { binance } from './binance.ts'
import { bybit } from './bybit.ts'
import type { ContractSource } from './contract-source.ts'
import { okx } from './okx.ts'

/** How each venue is asked for its contracts. */
export const contractSources: Readonly<Record<Venue, ContractSource>> = { binance, bybit, okx }
