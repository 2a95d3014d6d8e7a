import { list } from '#shared/declare/setting.ts'
import { VENUE_UPSTREAMS, type Venue } from './venue.ts'

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
