import type { JsonValue } from '#shared/domain/json.ts'
import type { Previous, Refresh, SetWarning } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import { type Venue, venueOf } from '#shared/systems/funding/venues.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import { type ContractSource, contractSources, type ListedContracts } from './contract-sources.ts'

/** All contracts of one venue. */
export interface VenueContracts extends ListedContracts {
  readonly venue: Venue
  /** Number of contracts that the venue's list had. */
  readonly listed: number
  /** Types of contracts that this job does not know, with the number of their contracts. */
  readonly unknownTypes: Readonly<Record<string, number>>
  readonly at: number
}

/** The stored entry of a venue. */
type VenueEntry = {
  readonly contracts: readonly Contract[]
  readonly unknown_types?: Readonly<Record<string, number>>
}

const CONTRACTS: ListExpectation = { name: 'contracts', mayBeEmpty: false, maxShrink: 0.5, minCoverage: 0 }

/** One entry per venue. All venues are refreshed, so that the contracts of a fallback venue are stored when it is needed. */
export const refresh: Refresh<VenueContracts> = {
  renderVersion: 2,

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

  parse: (bodies, { upstream, now, previous }) => {
    const venue = venueOf(upstream)
    const source = contractSources[venue]
    const stored = storedContracts(previous)
    const list = source.parse(requiredBodies(bodies), stored)
    if (list.contracts.length + list.lost.length === 0)
      throw new TypeError('expected a list with contracts, got an empty list')
    const kept = keptContracts(list, stored)
    return {
      venue,
      listed: list.contracts.length,
      contracts: [...list.contracts, ...kept.contracts],
      lost: [...list.lost, ...kept.lost],
      distrusted: list.distrusted,
      unknownTypes: unknownTypes(list.contracts, source),
      at: now,
    }
  },

  accept: ({ listed }, { previous }) =>
    expectNoFault(
      listFault(CONTRACTS, {
        rows: listed,
        storedRows: storedContracts(previous).filter(({ isMissing }) => !isMissing).length,
      }),
    ),

  review: ({ venue, lost, distrusted }) => ({
    lost: lost.map(({ name, message }) => ({ name: `${venue}:${name ?? '?'}`, message })),
    distrusted: distrusted.map((reason) => `${venue} ${reason}`),
  }),

  // no venue dates its list
  item: ({ contracts, unknownTypes: types, lost, distrusted, at }) => ({
    data: { contracts: contracts.map((contract) => ({ ...contract })), unknown_types: { ...types } },
    asOf: at,
    degraded: lost.length > 0 || distrusted.length > 0,
  }),

  summarizeSet: ({ entries, previous, values }) => ({
    head: null,
    warnings: newTypeWarnings(entries, previous?.entries),
    logFields: {
      contracts: [...entries.values()].reduce(
        (sum, entry) => sum + venueEntry(entry.data).contracts.length,
        0,
      ),
      unknown_types: values.reduce((sum, value) => sum + sumOf(value.unknownTypes), 0),
    },
  }),

  maxCalls: ({ upstreams }) => Object.fromEntries(upstreams.map((name) => [name, { retried: 2, once: 0 }])),
}

/** None of these calls is optional. */
function requiredBodies(bodies: readonly (object | null)[]): readonly object[] {
  return bodies.filter((body) => body !== null)
}

function venueEntry(data: JsonValue): VenueEntry {
  return data as unknown as VenueEntry
}

function storedContracts(previous: Previous | undefined): readonly Contract[] {
  return previous ? venueEntry(previous.data).contracts : []
}

/**
 * Stored contracts that the list does not have, or whose row cannot be read: each is kept until the next list, because a
 * row that is missing once may be a fault of the answer. Missing a second time, it is gone.
 */
function keptContracts({ contracts, lost }: ListedContracts, stored: readonly Contract[]) {
  const listed = new Set(contracts.map(({ nativeSymbol }) => nativeSymbol))
  const unreadable = new Set(lost.map(({ name }) => name))
  const hasUnnamed = unreadable.has(undefined)
  const kept = stored.filter(
    ({ nativeSymbol, isMissing }) =>
      !listed.has(nativeSymbol) && (!isMissing || hasUnnamed || unreadable.has(nativeSymbol)),
  )
  return {
    contracts: kept.map((contract): Contract => ({ ...contract, isMissing: true })),
    lost: kept
      .filter(({ nativeSymbol }) => !unreadable.has(nativeSymbol))
      .map(({ nativeSymbol }) => ({
        name: nativeSymbol,
        message: 'expected a row of this stored contract, got none; it is kept until the next list',
      })),
  }
}

function unknownTypes(
  contracts: readonly Contract[],
  { otherTypes }: ContractSource,
): Readonly<Record<string, number>> {
  const known = new Set(['', 'PERPETUAL', ...otherTypes])
  const counts: Record<string, number> = {}
  for (const { contractType } of contracts) {
    if (!known.has(contractType)) counts[contractType] = (counts[contractType] ?? 0) + 1
  }
  return counts
}

type Entries = Parameters<NonNullable<Refresh<VenueContracts>['summarizeSet']>>[0]['entries']

/** A warning for each type that the stored set does not have yet, so that the operator gets it once. */
function newTypeWarnings(entries: Entries, previous: Entries | undefined): readonly SetWarning[] {
  return [...entries].flatMap(([venue, { data }]) => {
    const before = previous?.get(venue)
    const reported = before ? (venueEntry(before.data).unknown_types ?? {}) : {}
    return Object.entries(venueEntry(data).unknown_types ?? {})
      .filter(([type]) => !Object.hasOwn(reported, type))
      .map(([type, contracts]) => ({
        message: `${venue} lists ${contracts} contracts of the unknown type ${type}: their rates are not fetched`,
        logFields: { venue, contracts, type },
      }))
  })
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, number) => sum + number, 0)
}
