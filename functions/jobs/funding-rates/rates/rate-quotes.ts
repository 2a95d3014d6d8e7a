import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { Verdict } from '#shared/engine/model/refresh.ts'
import { expectNoFault, firstRejection, inRange } from '#shared/engine/validate/verdicts.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import { pricesFault } from '#shared/upstreams/prices.ts'
import type { LostRow, Rows } from '#shared/upstreams/rows.ts'
import { isOldVolume, type StoredVolumes, type Volume, type Volumes } from './volumes.ts'

/** One readable row of a venue's response, in the terms common to all venues. Times are milliseconds since the epoch. */
export interface QuoteRow extends Volume {
  readonly nativeSymbol: string
  /** A fraction: `0.0001` is 0.01 % per settlement. */
  readonly rate: string
  readonly nextFundingTime: number
  /** Hours between settlements; `null`: the interval of the contract. */
  readonly intervalHours: number | null
  readonly markPrice: string
  readonly indexPrice: string | null
  /** Further prices of the row, which are compared with the mark price and not published; `null` if there is none. */
  readonly last: string | null
  readonly bid: string | null
  readonly ask: string | null
  /** The venue's time of the row; `null`: the time of the answer. */
  readonly at: number | null
}

/** What the rows of a venue are compared with. */
export interface QuoteContext {
  /** The contracts whose rates are requested. */
  readonly requested: readonly Contract[]
  /** The last known volumes, which stay where the venue's list of volumes cannot be used. */
  readonly storedVolumes: StoredVolumes
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A plausible rate. Quantities are decimals without exponent, times milliseconds since the epoch. */
export interface RateQuote extends Volume {
  readonly symbol: string
  readonly rate: string
  readonly nextFundingTime: number
  /** `null` if it is not known, or contradicts the next settlement. */
  readonly intervalHours: number | null
  readonly markPrice: string
  readonly indexPrice: string | null
  readonly at: number
  /** Whether the volume, the interval or the index price is missing, or older than the rate. */
  readonly isDegraded: boolean
}

/** The rates in a venue's responses. */
export interface VenueQuotes {
  readonly quotes: readonly RateQuote[]
  /** Number of contracts that the venue was asked for. */
  readonly requestedCount: number
  /** Requested contracts without a usable row. */
  readonly missing: readonly { readonly symbol: string; readonly message: string }[]
  /** Number of rows that cannot be used, those of contracts that were not requested included (dated ones have no rate). */
  readonly rejected: number
  /** Parts of quotes that are lost: the last volume stays, an interval that contradicts the settlement is left out. */
  readonly lost: readonly LostRow[]
  /** Why side lists are not believed. */
  readonly distrusted: readonly string[]
}

/** The readable rows of a venue, with its side list of volumes if it has one. */
interface VenueRows extends Rows<QuoteRow> {
  readonly volumes?: Volumes
  /** Whether the venue sends index prices: a missing one degrades its quote. */
  readonly hasIndexPrices: boolean
  readonly distrusted: readonly string[]
}

/**
 * Joins rows with the requested contracts. A row without a rate, or whose prices contradict each other, is lost, never
 * read as zero; its contract keeps its stored rate.
 */
export function parseQuotes(
  venue: VenueRows,
  { requested, now }: Pick<QuoteContext, 'requested' | 'now'>,
): VenueQuotes {
  const { volumes } = venue
  const symbols = new Set<string | undefined>(requested.map(({ symbol }) => symbol))
  const rows = new Map(venue.rows.map((row) => [row.nativeSymbol, row]))
  const reasons = new Map(venue.lost.map(({ name, message }) => [name, message]))
  const contradictory = new Map(
    venue.rows.flatMap((row) => {
      const { markPrice: mark, indexPrice: index, ...prices } = row
      const fault = pricesFault({ mark, index, ...prices })
      return fault === undefined ? [] : [[row.nativeSymbol, fault] as const]
    }),
  )
  const quotes: RateQuote[] = []
  const missing: { symbol: string; message: string }[] = []
  const lost: LostRow[] = (volumes?.lost ?? []).filter(({ name }) => symbols.has(name))
  for (const contract of requested) {
    const { symbol, nativeSymbol } = contract
    const row = rows.get(nativeSymbol)
    const fault = contradictory.get(nativeSymbol) ?? reasons.get(nativeSymbol)
    if (!row || contradictory.has(nativeSymbol)) {
      missing.push({ symbol, message: fault ?? 'expected a rate of this contract, got none' })
      continue
    }
    const volume = volumes?.of(contract) ?? { volume: row.volume, note: row.note }
    const interval = row.intervalHours ?? contract.intervalHours
    const intervalFault = interval === null ? undefined : settlementFault(interval, row.nextFundingTime, now)
    if (intervalFault !== undefined) lost.push({ name: symbol, message: intervalFault })
    const quote = {
      ...row,
      ...volume,
      symbol,
      intervalHours: intervalFault === undefined ? interval : null,
      at: Math.min(row.at ?? now, now),
    }
    quotes.push(toQuote(quote, isOldVolume(volume) || (venue.hasIndexPrices && row.indexPrice === null)))
  }
  return {
    quotes,
    requestedCount: requested.length,
    missing,
    rejected: venue.lost.length + contradictory.size,
    lost,
    distrusted: [...venue.distrusted, ...(volumes?.distrusted ?? [])],
  }
}

function toQuote(quote: Omit<RateQuote, 'isDegraded'>, isIncomplete: boolean): RateQuote {
  const { symbol, rate, nextFundingTime, intervalHours, markPrice, indexPrice, volume, note, at } = quote
  const isDegraded = isIncomplete || intervalHours === null || volume === null
  return {
    symbol,
    rate,
    nextFundingTime,
    intervalHours,
    markPrice,
    indexPrice,
    volume,
    note,
    at,
    isDegraded,
  }
}

/** Clocks differ by less, and a settlement takes less. */
const TOLERANCE_MS = MINUTE_MS

/** Contracts of longer intervals settle at hours of their own. */
const MAX_GRID_HOURS = 8

/**
 * Why an interval contradicts the next settlement: the settlement is further ahead than one interval, or not at a whole
 * number of intervals after midnight UTC, where every venue settles.
 */
function settlementFault(hours: number, settlementAt: number, now: number): string | undefined {
  const intervalMs = hours * HOUR_MS
  const offGridMs = settlementAt % intervalMs
  const hasGrid = hours <= MAX_GRID_HOURS && 24 % hours === 0
  const isOnGrid = !hasGrid || Math.min(offGridMs, intervalMs - offGridMs) <= TOLERANCE_MS
  if (settlementAt - now <= intervalMs + TOLERANCE_MS && isOnGrid) return undefined
  return `interval: expected the next settlement at a multiple of ${hours} h and within it, got ${isoSeconds(settlementAt)}`
}

/** A set with less of the stored or of the requested contracts is not believed. */
const RATES: ListExpectation = { name: 'rates', mayBeEmpty: false, maxShrink: 0.5, minCoverage: 0.5 }

/** Largest skew between the clocks of two venues. */
const MAX_CLOCK_SKEW_S = 300

/** The rates of one venue, as far as they are compared. */
interface VenueSet {
  readonly venue: Venue
  readonly count: number
  /** The venue's time of its newest rate; milliseconds since the epoch. */
  readonly newestAt: number
}

/**
 * Whether a full set of rates may replace the stored one: it is not empty, has at least half of the requested contracts,
 * and from the same venue at least half as many as the stored set. From another venue, whose contracts differ, its newest
 * rate must not be older than the stored set.
 */
export function checkRateSet(
  { venue, count, newestAt, requestedCount }: VenueSet & Pick<VenueQuotes, 'requestedCount'>,
  previous: VenueSet | undefined,
): Verdict {
  const isSame = previous?.venue === venue
  const fault = listFault(RATES, {
    rows: count,
    storedRows: isSame ? previous.count : undefined,
    covered: count,
    toCover: requestedCount,
  })
  if (!previous || isSame) return expectNoFault(fault)
  const agoS = Math.floor((previous.newestAt - newestAt) / 1_000)
  const what = `a newest rate, seconds before that of ${previous.venue},`
  return firstRejection(expectNoFault(fault), inRange(what, agoS, { max: MAX_CLOCK_SKEW_S }))
}
