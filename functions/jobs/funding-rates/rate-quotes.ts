import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Verdict } from '#shared/engine/model/refresh.ts'
import { firstRejection, inRange, notShrunk } from '#shared/engine/validate/verdicts.ts'
import { type Contract, roundInterval } from '#shared/systems/funding/contracts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { decimalText } from '#shared/upstreams/fields.ts'
import { compare, compareMagnitudes } from './rate-arithmetic.ts'

const MAX_LATE_MS = 5 * MINUTE_MS
const MAX_AHEAD_MS = 5 * MINUTE_MS

/** Largest plausible magnitude of a rate: 10 % per settlement. */
const MAX_RATE = '0.1'

/** A set is partial if a larger share of the requested contracts has no quote. */
const MAX_MISSING_SHARE = 0.02

/** One row of a venue's response, with unparsed values. Times are milliseconds since the epoch. */
export interface RateRow {
  readonly nativeSymbol: string
  readonly rate: unknown
  readonly nextFundingTime: number | null
  /** Hours between settlements; the interval of the contract by default. */
  readonly intervalHours?: number | null
  readonly markPrice: unknown
  readonly indexPrice: unknown
  /** Volume of 24 hours, in units of the quote. */
  readonly volume: unknown
  /** The venue's time of the row; `null`: the time of the fetch. */
  readonly at: number | null
  readonly note?: string
}

/** A plausible rate. Quantities are decimals without exponent, times milliseconds since the epoch. */
export interface RateQuote {
  readonly symbol: string
  readonly rate: string
  readonly nextFundingTime: number
  readonly intervalHours: number
  readonly markPrice: string
  readonly indexPrice: string | null
  readonly volume: string | null
  readonly at: number
  readonly note: string | null
}

/** Why a row is rejected. */
type Flaw =
  | 'no rate'
  | 'no next funding time'
  | 'funding time past'
  | 'rate beyond 10 %'
  | 'no interval'
  | 'no mark price'
  | 'time ahead'

/** The rates in a venue's responses. */
export interface VenueQuotes {
  readonly quotes: readonly RateQuote[]
  /** Rejected rows, also of contracts that were not requested (dated contracts have no rate). */
  readonly rejected: readonly { readonly nativeSymbol: string; readonly flaw: Flaw }[]
  /** Symbols of requested contracts without a row. */
  readonly missing: readonly string[]
}

/**
 * Parses rows for the requested contracts; the first row of a contract counts. A row without a rate is rejected, never
 * read as zero.
 */
export function parseQuotes(
  rows: readonly RateRow[],
  requested: readonly Contract[],
  now: number,
): VenueQuotes {
  const contracts = new Map(requested.map((contract) => [contract.nativeSymbol, contract]))
  const processed = new Set<string>()
  const quotes: RateQuote[] = []
  const rejected: { nativeSymbol: string; flaw: Flaw }[] = []
  for (const row of rows) {
    const { nativeSymbol } = row
    if (processed.has(nativeSymbol)) continue
    processed.add(nativeSymbol)
    const contract = contracts.get(nativeSymbol)
    const quote = contract ? parseQuote(row, contract, now) : termsFlaw(row, now)
    if (typeof quote === 'string') rejected.push({ nativeSymbol, flaw: quote })
    else if (quote) quotes.push(quote)
  }
  const missing = requested
    .filter(({ nativeSymbol }) => !processed.has(nativeSymbol))
    .map(({ symbol }) => symbol)
  return { quotes, rejected, missing }
}

/** Whether more than two percent of the requested contracts have no quote. */
export function isPartial({ quotes }: VenueQuotes, requested: readonly Contract[]): boolean {
  return requested.length - quotes.length > MAX_MISSING_SHARE * requested.length
}

function parseQuote(row: RateRow, contract: Contract, now: number): RateQuote | Flaw {
  const flaw = termsFlaw(row, now)
  if (flaw) return flaw
  const rate = decimalText(row.rate)
  const markPrice = decimalText(row.markPrice)
  const at = row.at ?? now
  const intervalHours = roundInterval(row.intervalHours ?? contract.intervalHours ?? Number.NaN)
  if (rate === null) return 'no rate'
  if (row.nextFundingTime === null) return 'no next funding time'
  if (compareMagnitudes(rate, MAX_RATE) > 0) return 'rate beyond 10 %'
  if (intervalHours === null) return 'no interval'
  if (markPrice === null || compare(markPrice, '0') <= 0) return 'no mark price'
  if (at > now + MAX_AHEAD_MS) return 'time ahead'
  return {
    symbol: contract.symbol,
    rate,
    nextFundingTime: row.nextFundingTime,
    intervalHours,
    markPrice,
    indexPrice: decimalText(row.indexPrice),
    volume: decimalText(row.volume),
    at,
    note: row.note ?? null,
  }
}

/** The flaw of a row that has no rate for a coming settlement. */
function termsFlaw({ rate, nextFundingTime }: RateRow, now: number): Flaw | undefined {
  if (decimalText(rate) === null) return 'no rate'
  if (nextFundingTime === null || nextFundingTime === 0) return 'no next funding time'
  return nextFundingTime < now - MAX_LATE_MS ? 'funding time past' : undefined
}

/** A set with a smaller share of the venue's previous contracts is rejected. */
const MIN_SHARE = 0.5

/** Largest skew between the clocks of two venues. */
const MAX_CLOCK_SKEW_S = 300

/** The rates of one venue, as far as they are compared. */
interface VenueSet {
  readonly venue: Venue
  readonly symbols: readonly string[]
  /** The venue's time of its newest rate; milliseconds since the epoch. */
  readonly newestAt: number
}

/**
 * Whether a full set of rates may replace the stored one: it is not empty, and from the same venue it has at least half
 * as many contracts. From another venue, whose contracts differ, its newest rate must not be older than the stored set.
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
