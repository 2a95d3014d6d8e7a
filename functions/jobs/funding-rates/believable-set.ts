import type { Verdict } from '#shared/engine/model/refresh.ts'
import { firstRejection, inRange, notShrunk } from '#shared/engine/validate/verdicts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'

/** Less of what the venue had before is no answer. */
const MIN_SHARE = 0.5

/** Clocks of two venues may be so far apart. */
const MAX_CLOCK_SKEW_S = 300

/** What one venue says. */
interface VenueSet {
  readonly venue: Venue
  readonly symbols: readonly string[]
  /** The venue's own time of its newest rate; milliseconds since the epoch. */
  readonly newestAt: number
}

/**
 * Whether a whole set of rates may replace the stored one: not empty, and of the same venue not fewer than half as
 * many. Another venue has other contracts, none of which can be compared with its own before; all of them together may
 * not be older than what is stored.
 */
export function checkRateSet(
  { venue, symbols, newestAt }: VenueSet,
  previous: VenueSet | undefined,
): Verdict {
  const before = previous?.venue === venue ? previous.symbols : undefined
  const other = previous?.venue === venue ? undefined : previous
  return firstRejection(
    inRange('a count of symbols', symbols.length, { min: 1, max: Number.POSITIVE_INFINITY }),
    notShrunk('symbols', MIN_SHARE, symbols, before),
    other
      ? inRange(
          `a newest rate, seconds before that of ${other.venue},`,
          Math.floor((other.newestAt - newestAt) / 1_000),
          { max: MAX_CLOCK_SKEW_S },
        )
      : { accepted: true },
  )
}
