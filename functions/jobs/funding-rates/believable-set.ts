import { firstRejection, inRange, notShrunk } from '#shared/engine/accept.ts'
import type { Verdict } from '#shared/engine/refresh.ts'
import type { Venue } from '#shared/funding/venue.ts'

/** Less of what the venue had before is no answer. */
const LEAST_SHARE = 0.5

/** Symbols of one venue. */
interface VenueSymbols {
  readonly venue: Venue
  readonly symbols: readonly string[]
}

/**
 * Whether a whole set of rates may replace the stored one: not empty, and of the same venue not fewer than half as
 * many. Another venue has other contracts.
 */
export function believableSet({ venue, symbols }: VenueSymbols, previous: VenueSymbols | undefined): Verdict {
  const before = previous?.venue === venue ? previous.symbols : undefined
  return firstRejection(
    inRange('a count of symbols', symbols.length, { least: 1, most: Number.POSITIVE_INFINITY }),
    notShrunk('symbols', LEAST_SHARE, symbols, before),
  )
}
