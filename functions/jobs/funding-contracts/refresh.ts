import type { JsonValue } from '#shared/domain/json.ts'
import type { Previous, Refresh, SetWarning } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import { type Venue, venueOf } from '#shared/systems/funding/venues.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import { type ContractSource, contractSources, type ListedContracts } from './contract-sources.ts'

/** All contracts of one venue. */
export interface VenueContracts extends ListedContracts {
  readonly venue: Venue
  /** Number of contracts that the venue's list had. */
  readonly listed: number
  /** Types and states of contracts that this job does not know. */
  readonly unknown: readonly UnknownKind[]
  readonly at: number
}

/** A type or a state that this job does not know, with the number of its contracts. */
type UnknownKind = { readonly type: string; readonly count: number }

/** The stored entry of a venue. */
type VenueEntry = {
  readonly contracts: readonly Contract[]
  readonly unknown?: readonly UnknownKind[]
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
    const { usable, changed } = splitByKind(list.contracts, stored, source)
    const lost = [...list.lost, ...changed]
    const kept = keptContracts(usable, lost, stored)
    return {
      venue,
      listed: list.contracts.length,
      contracts: [...withNewOnes(usable, stored), ...kept.contracts],
      lost: [...lost, ...kept.lost],
      distrusted: list.distrusted,
      unknown: unknownKinds(list.contracts, source),
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
  item: ({ contracts, unknown, lost, distrusted, at }) => ({
    data: { contracts: contracts.map((contract) => ({ ...contract })), unknown },
    asOf: at,
    degraded: lost.length > 0 || distrusted.length > 0,
  }),

  summarizeSet: ({ entries, previous, values }) => ({
    head: null,
    warnings: newKindWarnings(entries, previous?.entries),
    logFields: {
      contracts: [...entries.values()].reduce(
        (sum, entry) => sum + venueEntry(entry.data).contracts.length,
        0,
      ),
      unknown_contracts: values.reduce((sum, value) => sum + countOf(value.unknown), 0),
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

/** Whether the job knows the type and the state of a contract; `undefined` if so, else the kind that it does not know. */
function unknownKind(
  { contractType: type, status }: Contract,
  { otherTypes, otherStates }: ContractSource,
): string | undefined {
  if (type !== null && type !== 'PERPETUAL' && !otherTypes.includes(type)) return type
  return status === 'TRADING' || otherStates.includes(status) ? undefined : status
}

/**
 * Leaves out contracts that were traded and whose type or state has become one that the job does not know: they are kept
 * as they were, because an unknown word does not mean that a contract has ended.
 */
function splitByKind(contracts: readonly Contract[], stored: readonly Contract[], source: ContractSource) {
  const traded = new Set(
    stored
      .filter(({ contractType, status }) => contractType === 'PERPETUAL' && status === 'TRADING')
      .map(({ nativeSymbol }) => nativeSymbol),
  )
  const isChanged = (contract: Contract) =>
    traded.has(contract.nativeSymbol) && unknownKind(contract, source) !== undefined
  return {
    usable: contracts.filter((contract) => !isChanged(contract)),
    changed: contracts.filter(isChanged).map((contract) => ({
      name: contract.nativeSymbol,
      message: `expected a known type and state, got ${unknownKind(contract, source)}`,
    })),
  }
}

/** The contracts with a mark on those that the stored list, if there is one, does not have. */
function withNewOnes(contracts: readonly Contract[], stored: readonly Contract[]): readonly Contract[] {
  if (stored.length === 0) return contracts
  const storedNames = new Set(stored.map(({ nativeSymbol }) => nativeSymbol))
  return contracts.map((contract) =>
    storedNames.has(contract.nativeSymbol) ? contract : { ...contract, isNew: true },
  )
}

/**
 * Stored contracts that the list does not have, or whose row cannot be read: each is kept until the next list, because a
 * row that is missing once may be a fault of the answer. Missing a second time, it is gone; so is one that only the last
 * list had.
 */
function keptContracts(
  contracts: readonly Contract[],
  lost: readonly LostRow[],
  stored: readonly Contract[],
) {
  const listed = new Set(contracts.map(({ nativeSymbol }) => nativeSymbol))
  const unreadable = new Set(lost.map(({ name }) => name))
  const hasUnnamed = unreadable.has(undefined)
  const kept = stored.filter(
    ({ nativeSymbol, isMissing, isNew }) =>
      !listed.has(nativeSymbol) && ((!isMissing && !isNew) || hasUnnamed || unreadable.has(nativeSymbol)),
  )
  return {
    contracts: kept.map(({ isNew: _new, ...contract }): Contract => ({ ...contract, isMissing: true })),
    lost: kept
      .filter(({ nativeSymbol }) => !unreadable.has(nativeSymbol))
      .map(({ nativeSymbol }) => ({
        name: nativeSymbol,
        message: 'expected a row of this stored contract, got none; it is kept until the next list',
      })),
  }
}

function unknownKinds(contracts: readonly Contract[], source: ContractSource): readonly UnknownKind[] {
  const kinds = contracts.flatMap((contract) => unknownKind(contract, source) ?? [])
  return [...Map.groupBy(kinds, (kind) => kind)].map(([type, all]) => ({ type, count: all.length }))
}

type Entries = Parameters<NonNullable<Refresh<VenueContracts>['summarizeSet']>>[0]['entries']

/** A warning for each kind that the stored set does not have yet, so that the operator gets it once. */
function newKindWarnings(entries: Entries, previous: Entries | undefined): readonly SetWarning[] {
  return [...entries].flatMap(([venue, { data }]) => {
    const before = previous?.get(venue)
    const reported = new Set(before ? venueEntry(before.data).unknown?.map(({ type }) => type) : [])
    return (venueEntry(data).unknown ?? [])
      .filter(({ type }) => !reported.has(type))
      .map(({ type, count }) => ({
        message: `${venue} lists ${count} ${count === 1 ? 'contract' : 'contracts'} of the unknown type or state ${type}: their rates are not fetched`,
        logFields: { venue, contracts: count, type },
      }))
  })
}

function countOf(kinds: readonly UnknownKind[]): number {
  return kinds.reduce((sum, { count }) => sum + count, 0)
}
