import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { compare, compareMagnitudes, mean, sum } from './rate-arithmetic.ts'
import type { RateRecord } from './rate-record.ts'

/** The rules of the pool. */
export interface PoolRules {
  /** Smallest magnitude of a rate: 0.003 is 0.3 %. */
  readonly threshold: number
  /** The rate that is compared with the threshold: as paid (`raw`), or scaled to 8 hours. */
  readonly basis: 'raw' | '8h'
  /** Smallest volume of 24 hours, in units of the quote. */
  readonly minVolume: number
  readonly maxSize: number
}

/**
 * The pool's contracts: those that pass the rules, the largest magnitude of the paid rate first, then the most traded,
 * then by symbol; at most `maxSize`.
 */
export function selectPool(records: readonly RateRecord[], rules: PoolRules): readonly RateRecord[] {
  return records
    .filter((record) => brokenRule(record, rules) === undefined)
    .toSorted(
      (a, b) =>
        compareMagnitudes(b.funding_rate, a.funding_rate) ||
        compare(b.volume_24h ?? '0', a.volume_24h ?? '0') ||
        (a.symbol < b.symbol ? -1 : 1),
    )
    .slice(0, rules.maxSize)
}

/** The reason why a contract is not in the pool; a contract without a record is delisted. */
export function exitReason(record: RateRecord | undefined, rules: PoolRules): ExitReason {
  return record === undefined ? 'delisted' : (brokenRule(record, rules) ?? 'capped')
}

/** The rule that a contract breaks; an unknown volume counts as low, an unknown 8-hour rate as below the threshold. */
function brokenRule(record: RateRecord, rules: PoolRules): 'below_threshold' | 'low_volume' | undefined {
  const rate = rules.basis === '8h' ? record.rate_8h : record.funding_rate
  if (rate === null || compareMagnitudes(rate, String(rules.threshold)) < 0) return 'below_threshold'
  const { volume_24h: volume } = record
  if (volume === null || compare(volume, String(rules.minVolume)) < 0) return 'low_volume'
  return undefined
}

/** The reason why a contract left the pool: a rule of the pool, its missing record, or a change of venue. */
export type ExitReason = 'below_threshold' | 'low_volume' | 'capped' | 'delisted' | 'venue_changed'

/** A contract's current session in the pool. Rates and prices are decimals, times ISO with whole seconds. */
export type OpenSession = {
  readonly id: string
  readonly symbol: string
  readonly entered_at: string
  readonly entry_rate: string
  readonly entry_price: string
  /** Time of the last record that was added. */
  readonly last_updated: string
  readonly last_rate: string
  readonly last_price: string
  readonly max_rate: string
  readonly min_rate: string
  readonly sum_of_rates: string
  readonly max_price: string
  readonly min_price: string
  readonly records: number
}

/** A closed session in the pool: the archived record. */
export type PoolSession = {
  readonly id: string
  readonly symbol: string
  readonly exchange: Venue
  readonly entry_time: string
  readonly exit_time: string
  readonly entry_rate: string
  /** The rate at the check that closed the session; the last rate before if that check has no record. */
  readonly exit_rate: string
  readonly entry_price: string
  readonly exit_price: string
  readonly max_rate: string
  readonly min_rate: string
  readonly avg_rate: string
  readonly max_price: string
  readonly min_price: string
  readonly duration_minutes: number
  readonly total_records: number
  readonly exit_reason: ExitReason
}

/** The id of a session: day of entry, symbol, and its number among the sessions of that symbol and day. */
export function sessionId(date: string, symbol: string, number: number): string {
  return `${date}_${symbol}_session_${String(number).padStart(3, '0')}`
}

/** A session with its first record. */
export function openSession(id: string, record: RateRecord, at: string): OpenSession {
  const { symbol, funding_rate: rate, mark_price: price } = record
  return {
    id,
    symbol,
    entered_at: at,
    entry_rate: rate,
    entry_price: price,
    last_updated: record.last_updated,
    last_rate: rate,
    last_price: price,
    max_rate: rate,
    min_rate: rate,
    sum_of_rates: rate,
    max_price: price,
    min_price: price,
    records: 1,
  }
}

/** Whether a record is newer than the last record of a session: one carried over from an earlier check counts once. */
export function isNewRecord(session: OpenSession, record: RateRecord): boolean {
  return record.last_updated > session.last_updated
}

/** A session with one more record; the same session if the record is not new. */
export function extendSession(session: OpenSession, record: RateRecord): OpenSession {
  if (!isNewRecord(session, record)) return session
  const { funding_rate: rate, mark_price: price } = record
  return {
    ...session,
    last_updated: record.last_updated,
    last_rate: rate,
    last_price: price,
    max_rate: larger(session.max_rate, rate),
    min_rate: smaller(session.min_rate, rate),
    sum_of_rates: sum(session.sum_of_rates, rate),
    max_price: larger(session.max_price, price),
    min_price: smaller(session.min_price, price),
    records: session.records + 1,
  }
}

/**
 * A closed session.
 *
 * @param record - of the check that closed the session, if it has one for the contract
 * @param at - ISO time of that check
 */
export function closeSession(
  session: OpenSession,
  venue: Venue,
  reason: ExitReason,
  record: RateRecord | undefined,
  at: string,
): PoolSession {
  const durationMs = Date.parse(at) - Date.parse(session.entered_at)
  return {
    id: session.id,
    symbol: session.symbol,
    exchange: venue,
    entry_time: session.entered_at,
    exit_time: at,
    entry_rate: session.entry_rate,
    exit_rate: record?.funding_rate ?? session.last_rate,
    entry_price: session.entry_price,
    exit_price: record?.mark_price ?? session.last_price,
    max_rate: session.max_rate,
    min_rate: session.min_rate,
    avg_rate: mean(session.sum_of_rates, session.records),
    max_price: session.max_price,
    min_price: session.min_price,
    duration_minutes: Math.max(0, Math.floor(durationMs / MINUTE_MS)),
    total_records: session.records,
    exit_reason: reason,
  }
}

function larger(a: string, b: string): string {
  return compare(a, b) >= 0 ? a : b
}

function smaller(a: string, b: string): string {
  return compare(a, b) <= 0 ? a : b
}
