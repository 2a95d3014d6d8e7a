import type { Verdict } from '#shared/engine/model/refresh.ts'
import { firstRejection, inRange, notShrunk } from '#shared/engine/validate/verdicts.ts'
import { type Contract, roundInterval } from '#shared/systems/funding/contracts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { decimalText } from '#shared/upstreams/fields.ts'
import { compare, compareMagnitudes } from './rate-arithmetic.ts'

const MAX_LATE_MS = 5 * 60_000
const MAX_AHEAD_MS = 5 * 60_000

/** No rate beyond it is believed: 10 % a settlement. */
const MAX_RATE = '0.1'

/** So much of what was asked for may be lost before a reading is only a part. */
const MAX_MISSING_SHARE = 0.02

/** One row of a venue's answer, its values as they came. Times are milliseconds since the epoch. */
export interface RateRow {
  readonly nativeSymbol: string
  readonly rate: unknown
  readonly nextFundingTime: number | null
  /** Hours between settlements where the row tells them; the contract's where it does not. */
  readonly intervalHours?: number | null
  readonly markPrice: unknown
  readonly indexPrice: unknown
  /** Traded in 24 hours, in units of the quote. */
  readonly volume: unknown
  /** The venue's own time of the row; that of the reading where it tells none. */
  readonly at: number | null
  readonly note?: string
}

/** A believable rate. Quantities are decimals without exponent, times milliseconds since the epoch. */
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

/** Why a row is dropped. */
type Flaw =
  | 'no rate'
  | 'no next funding time'
  | 'funding time past'
  | 'rate beyond 10 %'
  | 'no interval'
  | 'no mark price'
  | 'time ahead'

/** What a venue's answers hold. */
export interface VenueQuotes {
  readonly quotes: readonly RateQuote[]
  /** Dropped rows, also of contracts that nobody asked for when they have no rate (dated ones do not). */
  readonly rejected: readonly { readonly nativeSymbol: string; readonly flaw: Flaw }[]
  /** Symbols of contracts that were asked for and of which there is no row. */
  readonly missing: readonly string[]
}

/**
 * Reads rows for the contracts that were asked for; the first one of a contract counts. What has no rate is dropped
 * and counted, never zero.
 */
export function parseQuotes(rows: readonly RateRow[], asked: readonly Contract[], now: number): VenueQuotes {
  const contracts = new Map(asked.map((contract) => [contract.nativeSymbol, contract]))
  const seen = new Set<string>()
  const quotes: RateQuote[] = []
  const rejected: { nativeSymbol: string; flaw: Flaw }[] = []
  for (const row of rows) {
    const { nativeSymbol } = row
    if (seen.has(nativeSymbol)) continue
    seen.add(nativeSymbol)
    const contract = contracts.get(nativeSymbol)
    const read = contract ? parseQuote(row, contract, now) : termsFlaw(row, now)
    if (typeof read === 'string') rejected.push({ nativeSymbol, flaw: read })
    else if (read) quotes.push(read)
  }
  const missing = asked.filter(({ nativeSymbol }) => !seen.has(nativeSymbol)).map(({ symbol }) => symbol)
  return { quotes, rejected, missing }
}

/** Whether more than two percent of the contracts that were asked for have no quote. */
export function isPartial({ quotes }: VenueQuotes, asked: readonly Contract[]): boolean {
  return asked.length - quotes.length > MAX_MISSING_SHARE * asked.length
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

/** What a row without a rate that is yet to be paid lacks. */
function termsFlaw({ rate, nextFundingTime }: RateRow, now: number): Flaw | undefined {
  if (decimalText(rate) === null) return 'no rate'
  if (nextFundingTime === null || nextFundingTime === 0) return 'no next funding time'
  return nextFundingTime < now - MAX_LATE_MS ? 'funding time past' : undefined
}

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
