import { list } from '#shared/declare/settings.ts'
import { shown } from '#shared/domain/text.ts'

/** The upstreams of funding rates, by the documented name of the venue. */
export const VENUE_UPSTREAMS = { binance: 'binance-futures', bybit: 'bybit', okx: 'okx' } as const

/** The documented name of a venue. */
export type Venue = keyof typeof VENUE_UPSTREAMS

/** The venue of an upstream. @throws {TypeError} for an upstream without a venue */
export function venueOf(upstream: string): Venue {
  const entry = Object.entries(VENUE_UPSTREAMS).find(([, name]) => name === upstream)
  if (entry) return entry[0] as Venue
  throw new TypeError(
    `expected an upstream of ${Object.values(VENUE_UPSTREAMS).join(', ')}; got ${shown(upstream)}`,
  )
}

const VENUES = Object.keys(VENUE_UPSTREAMS)

/** Settings that all jobs of funding rates share. */
export const fundingSettings = {
  EXCHANGES: list<Venue>(['binance', 'bybit', 'okx'], {
    of: (word): word is Venue => VENUES.includes(word),
    rule: `at least one of ${VENUES.join(', ')}`,
    about: 'venues in order of preference: each is used when the ones before do not answer',
  }),
  FUNDING_QUOTES: list(['USDT'], {
    of: (word): word is string => /^[A-Z]{2,10}$/.test(word),
    rule: 'currencies such as USDT',
    about: 'quote currencies of the contracts to fetch',
  }),
}
