import { isoSeconds } from '#shared/domain/time.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import {
  closeSession,
  exitReason,
  extendSession,
  isNewRecord,
  type OpenSession,
  openSession,
  type PoolRules,
  type PoolSession,
  selectPool,
  sessionId,
} from './pool-session.ts'
import { compare } from './rate-arithmetic.ts'
import type { RateRecord } from './rate-record.ts'

/** The documented record of a contract in the pool. */
type PoolContract = {
  readonly symbol: string
  readonly exchange: Venue
  readonly funding_rate: string
  readonly funding_time: string
  readonly funding_interval: string | null
  readonly volume_24h: string | null
  readonly mark_price: string
  readonly annualized_rate: string | null
  /** The side that pays at the next settlement; `null` for a rate of zero. */
  readonly direction: 'long pays' | 'short pays' | null
}

/** Symbols that entered and left the pool since the previous check. */
export type PoolChanges = {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly total_added: number
  readonly total_removed: number
}

/** The pool after a check, with the state for the next check. Serializable as JSON. */
export type Pool = {
  readonly venue: Venue
  /** ISO time of the check. */
  readonly updated_at: string
  readonly contracts: readonly PoolContract[]
  readonly pool_changes: PoolChanges
  readonly open_sessions: readonly OpenSession[]
  /** Number of sessions of each symbol that started on the day. */
  readonly session_counts: { readonly date: string; readonly counts: Readonly<Record<string, number>> }
}

/** One observation of a contract in the pool; a repeated check gives the same one. */
type PoolHistoryRow = {
  readonly symbol: string
  /** The venue's time of the quote. */
  readonly time: string
  readonly venue: Venue
  readonly rate: string
  readonly interval_hours: number | null
  readonly mark_price: string
  readonly volume_24h: string | null
}

/** The rules, the venue and the time of a check. */
export interface PoolCheck extends PoolRules {
  readonly venue: Venue
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The result of a check. */
export interface PoolUpdate {
  readonly pool: Pool
  readonly changes: PoolChanges
  /** Sessions that the check closed. */
  readonly sessions: readonly PoolSession[]
  readonly history: readonly PoolHistoryRow[]
  /** There was no previous pool of this venue: the check reports no changes and no entries. */
  readonly isRestart: boolean
}

/**
 * Computes the pool after a check from the previous pool and all current records. Pure: the same arguments give the same
 * result. Records of another venue are ignored; after a change of venue, every session ends and the pool starts empty.
 */
export function nextPool(
  previous: Pool | undefined,
  records: readonly RateRecord[],
  check: PoolCheck,
): PoolUpdate {
  const { venue, now } = check
  const at = isoSeconds(now)
  const venueRecords = records.filter(({ exchange }) => exchange === venue)
  const members = selectPool(venueRecords, check)
  const isRestart = previous?.venue !== venue
  const before = new Map(
    (isRestart ? [] : previous.open_sessions).map((session) => [session.symbol, session]),
  )
  const changes = isRestart ? NO_CHANGES : changesBetween([...before.keys()], members)
  const pool: Pool = {
    venue,
    updated_at: at,
    contracts: members.map(toPoolContract),
    pool_changes: changes,
    ...continueSessions(previous, before, members, at),
  }
  const newRecords = members.filter((record) => {
    const session = before.get(record.symbol)
    return session === undefined || isNewRecord(session, record)
  })
  const sessions = closeSessions(previous, venueRecords, members, check, at)
  return { pool, changes, sessions, history: newRecords.map(toHistoryRow), isRestart }
}

/** A session for each member of the pool: the extended previous one, or a new one with the next number of its day. */
function continueSessions(
  previous: Pool | undefined,
  before: ReadonlyMap<string, OpenSession>,
  members: readonly RateRecord[],
  at: string,
): Pick<Pool, 'open_sessions' | 'session_counts'> {
  const counts = new Map(Object.entries(sessionCountsOn(previous, at)))
  const date = sessionDate(previous, at)
  const sessions = members.map((record) => {
    const { symbol } = record
    const session = before.get(symbol)
    if (session) return extendSession(session, record)
    const number = (counts.get(symbol) ?? 0) + 1
    counts.set(symbol, number)
    return openSession(sessionId(date, symbol, number), record, at)
  })
  return { open_sessions: sessions, session_counts: { date, counts: Object.fromEntries(counts) } }
}

/** The changes of a check that changed nothing, or that cannot be compared with an earlier one. */
export const NO_CHANGES: PoolChanges = { added: [], removed: [], total_added: 0, total_removed: 0 }

function changesBetween(before: readonly string[], members: readonly RateRecord[]): PoolChanges {
  const now = members.map(({ symbol }) => symbol)
  const added = now.filter((symbol) => !before.includes(symbol))
  const removed = before.filter((symbol) => !now.includes(symbol))
  return { added, removed, total_added: added.length, total_removed: removed.length }
}

function closeSessions(
  previous: Pool | undefined,
  records: readonly RateRecord[],
  members: readonly RateRecord[],
  check: PoolCheck,
  at: string,
): readonly PoolSession[] {
  if (!previous) return []
  const { venue, open_sessions: sessions } = previous
  if (venue !== check.venue)
    return sessions.map((session) => closeSession(session, venue, 'venue_changed', undefined, at))
  const staying = new Set(members.map(({ symbol }) => symbol))
  const bySymbol = new Map(records.map((record) => [record.symbol, record]))
  return sessions
    .filter(({ symbol }) => !staying.has(symbol))
    .map((session) => {
      const record = bySymbol.get(session.symbol)
      return closeSession(session, venue, exitReason(record, check), record, at)
    })
}

/** The day of entry. It never decreases, so that ids stay unique when clocks differ at midnight. */
function sessionDate(previous: Pool | undefined, at: string): string {
  const today = at.slice(0, 10)
  return previous && previous.session_counts.date > today ? previous.session_counts.date : today
}

function sessionCountsOn(previous: Pool | undefined, at: string): Readonly<Record<string, number>> {
  return previous?.session_counts.date === sessionDate(previous, at) ? previous.session_counts.counts : {}
}

function toPoolContract(record: RateRecord): PoolContract {
  const sign = compare(record.funding_rate, '0')
  return {
    symbol: record.symbol,
    exchange: record.exchange,
    funding_rate: record.funding_rate,
    funding_time: record.next_funding_time,
    funding_interval: record.funding_interval,
    volume_24h: record.volume_24h,
    mark_price: record.mark_price,
    annualized_rate: record.annualized_rate,
    direction: sign === 0 ? null : sign > 0 ? 'long pays' : 'short pays',
  }
}

function toHistoryRow(record: RateRecord): PoolHistoryRow {
  return {
    symbol: record.symbol,
    time: record.last_updated,
    venue: record.exchange,
    rate: record.funding_rate,
    interval_hours: record.interval_hours,
    mark_price: record.mark_price,
    volume_24h: record.volume_24h,
  }
}
