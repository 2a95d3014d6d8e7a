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

/** A contract of the pool as it is documented. */
type PoolContract = {
  readonly symbol: string
  readonly exchange: Venue
  readonly funding_rate: string
  readonly funding_time: string
  readonly funding_interval: string
  readonly volume_24h: string | null
  readonly mark_price: string
  readonly annualized_rate: string
  /** Who pays at the next settlement; nobody when the rate is zero. */
  readonly direction: 'long pays' | 'short pays' | null
}

/** Symbols that came and went since the check before. */
export type PoolChanges = {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly total_added: number
  readonly total_removed: number
}

/** The pool after a check, with what the next one needs to know. Survives JSON. */
export type Pool = {
  readonly venue: Venue
  /** ISO time of the check. */
  readonly updated_at: string
  readonly contracts: readonly PoolContract[]
  readonly pool_changes: PoolChanges
  readonly open_sessions: readonly OpenSession[]
  /** How many stays of each symbol began on the day. */
  readonly session_counts: { readonly date: string; readonly counts: Readonly<Record<string, number>> }
}

/** One observation of a contract while it is in the pool; a repeat of the check gives the same one. */
type PoolHistoryRow = {
  readonly symbol: string
  /** The venue's own time of the quote. */
  readonly time: string
  readonly venue: Venue
  readonly rate: string
  readonly interval_hours: number
  readonly mark_price: string
  readonly volume_24h: string | null
}

/** What a check is held against, and when it is made: milliseconds since the epoch. */
export interface PoolCheck extends PoolRules {
  readonly venue: Venue
  readonly now: number
}

/** What a check leads to. */
export interface PoolUpdate {
  readonly pool: Pool
  readonly changes: PoolChanges
  /** Stays that the check ended. */
  readonly sessions: readonly PoolSession[]
  readonly history: readonly PoolHistoryRow[]
  /** There was no pool of this venue before: nothing is called a change, and nobody is told of entries and exits. */
  readonly isRestart: boolean
}

/**
 * The pool after a check, from the pool before it and all current records. Pure: the same arguments give the same
 * result. Records of another venue do not count; when the venue has changed every stay ends and the pool begins anew.
 */
export function nextPool(
  previous: Pool | undefined,
  records: readonly RateRecord[],
  check: PoolCheck,
): PoolUpdate {
  const { venue, now } = check
  const at = isoSeconds(now)
  const ours = records.filter(({ exchange }) => exchange === venue)
  const members = selectPool(ours, check)
  const isRestart = previous?.venue !== venue
  const before = new Map((isRestart ? [] : previous.open_sessions).map((one) => [one.symbol, one]))

  const begun = new Map(Object.entries(sessionCountsOn(previous, at)))
  const date = sessionDate(previous, at)
  const open = members.map((record) => {
    const { symbol } = record
    const known = before.get(symbol)
    if (known) return extendSession(known, record)
    const number = (begun.get(symbol) ?? 0) + 1
    begun.set(symbol, number)
    return openSession(sessionId(date, symbol, number), record, at)
  })

  const changes = isRestart ? NO_CHANGES : changesBetween([...before.keys()], members)
  const pool: Pool = {
    venue,
    updated_at: at,
    contracts: members.map(toPoolContract),
    pool_changes: changes,
    open_sessions: open,
    session_counts: { date, counts: Object.fromEntries(begun) },
  }
  const news = members.filter((record) => {
    const known = before.get(record.symbol)
    return known === undefined || isNewRecord(known, record)
  })
  const sessions = closeSessions(previous, ours, members, check, at)
  return { pool, changes, sessions, history: news.map(toHistoryRow), isRestart }
}

const NO_CHANGES: PoolChanges = { added: [], removed: [], total_added: 0, total_removed: 0 }

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

/** The day of entry; it never goes back, so that no id is given twice when clocks differ at midnight. */
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
