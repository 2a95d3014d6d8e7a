import type { Refresh } from '#shared/engine/model/refresh.ts'
import { notShrunk } from '#shared/engine/validate/verdicts.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import { type Venue, venueOf } from '#shared/systems/funding/venues.ts'
import { contractSources } from './contract-sources.ts'

/** All contracts of one venue. */
export interface VenueContracts {
  readonly venue: Venue
  readonly contracts: readonly Contract[]
}

/** A response with a smaller share of the venue's previous contracts is rejected. */
const MIN_SHARE = 0.5

/** One entry per venue. All venues are refreshed, so that the contracts of a fallback venue are stored when it is needed. */
export const refresh: Refresh<VenueContracts & { readonly at: number }> = {
  renderVersion: 1,

  plan: ({ job }) =>
    job.upstreams.map((upstream) => {
      const venue = venueOf(upstream)
      return { key: venue, upstream, calls: contractSources[venue].calls }
    }),

  nextCalls: (bodies, { upstream }) => {
    const { calls, nextPage } = contractSources[venueOf(upstream)]
    if (!nextPage || bodies.length < calls.length) return []
    const page = nextPage(requiredBodies(bodies))
    return page ? [page] : []
  },

  parse: (bodies, { upstream, now }) => {
    const venue = venueOf(upstream)
    return { venue, contracts: contractSources[venue].parse(requiredBodies(bodies)), at: now }
  },

  accept: ({ contracts }, { previous }) => {
    const before = previous?.data as { contracts?: readonly unknown[] } | undefined
    return notShrunk('contracts', MIN_SHARE, contracts, before?.contracts)
  },

  // no venue dates its list
  item: ({ contracts, at }) => ({
    data: { contracts: contracts.map((contract) => ({ ...contract })) },
    asOf: at,
    degraded: false,
  }),

  maxCalls: ({ upstreams }) => Object.fromEntries(upstreams.map((name) => [name, { retried: 2, once: 0 }])),
}

/** None of these calls is optional. */
function requiredBodies(bodies: readonly (object | null)[]): readonly object[] {
  return bodies.filter((body) => body !== null)
}
