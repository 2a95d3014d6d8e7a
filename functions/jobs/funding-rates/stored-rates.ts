import type { StoredSet } from '#shared/domain/records/snapshot.ts'
import { type Venue, venueOf } from '#shared/systems/funding/venues.ts'
import type { Pool } from './rates/pool.ts'
import type { RateRecord } from './rates/rate-record.ts'

/* What the job reads of its own stored set. */

/** The head of the stored set. */
export type RatesHead = {
  readonly pool: Pool
  readonly intervals: Readonly<Record<string, number>>
  readonly rejected: number
}

/** The head of a stored set; `undefined` without one. */
export function headOf(stored: StoredSet | undefined): RatesHead | undefined {
  return (stored?.head ?? undefined) as RatesHead | undefined
}

/** The symbols of the contracts in the stored pool. */
export function poolSymbols(stored: StoredSet | undefined): readonly string[] {
  return headOf(stored)?.pool.contracts.map(({ symbol }) => symbol) ?? []
}

/** The stored records of one venue. */
export function recordsOf(stored: StoredSet | undefined, venue: Venue): readonly RateRecord[] {
  if (!stored || venueOf(stored.upstream) !== venue) return []
  return [...stored.entries.values()].map(({ data }) => data as RateRecord)
}

/** What a new set is compared with. */
export function storedRateSet({ upstream, entries }: StoredSet) {
  const newestAt = newestTime([...entries.values()].map(({ asOf: at }) => ({ at })))
  return { venue: venueOf(upstream), count: entries.size, newestAt }
}

/** The newest of some times, in milliseconds since the epoch; 0 without any. */
export function newestTime(rates: readonly { readonly at: number }[]): number {
  return rates.reduce((newest, { at }) => Math.max(newest, at), 0)
}
