import { list } from '#shared/declare/settings.ts'

/** The upstream of each venue that funding rates come from, by the venue's documented name. */
export const VENUE_UPSTREAMS = { binance: 'binance-futures', bybit: 'bybit', okx: 'okx' } as const

/** A venue by its documented name. */
export type Venue = keyof typeof VENUE_UPSTREAMS

/** The venue behind an upstream. @throws {TypeError} for one that is no venue's */
export function venueOf(upstream: string): Venue {
  const found = Object.entries(VENUE_UPSTREAMS).find(([, name]) => name === upstream)
  if (found) return found[0] as Venue
  throw new TypeError(
    `expected an upstream of ${Object.values(VENUE_UPSTREAMS).join(', ')}; got ${JSON.stringify(upstream)}`,
  )
}

const VENUES = Object.keys(VENUE_UPSTREAMS)

/** What all jobs of funding rates go by. */
export const fundingSettings = {
  EXCHANGES: list<Venue>(['binance', 'bybit', 'okx'], {
    of: (word): word is Venue => VENUES.includes(word),
    rule: `at least one of ${VENUES.join(', ')}`,
    about: 'venues in order of preference: the next one is asked when the one before does not answer',
  }),
  FUNDING_QUOTES: list(['USDT'], {
    of: (word): word is string => /^[A-Z]{2,10}$/.test(word),
    rule: 'currencies such as USDT',
    about: 'contracts of which quotes are followed',
  }),
}
