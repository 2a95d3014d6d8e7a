import { DAY_MS } from '#shared/domain/duration.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HistoryRow } from '#shared/domain/records/publication.ts'
import { epochSeconds, Fields } from './table/attributes.ts'
import { batchPut } from './table/batches.ts'
import { historyEntityKey } from './table/keys.ts'
import type { Table } from './table/table.ts'
import type { TableReader } from './table/table-reader.ts'

/** An entity is listed for that much longer than its rows are kept, so that a new row seldom has to extend the listing. */
const LISTED_AFTER_ROWS_MS = 30 * DAY_MS

/** The table may clear a listing, and clears rows days after they expire: a listing ends later than its rows. */
const MIN_AFTER_ROWS_MS = 7 * DAY_MS

/** By sort key, when the listings of a job end, in milliseconds since the epoch. */
type Listings = Map<string, number>

/**
 * The entities that have rows of history: one small record each in one partition a job, which expires after its rows.
 * The listings of a job are read once by each process, before its first rows. A listing is never removed earlier than it
 * ends, so that a process may rely on what it has read.
 */
export class HistoryEntities {
  readonly #table: Table
  readonly #clock: Clock
  readonly #listings = new Map<string, Promise<Listings>>()

  constructor(table: Table, clock: Clock) {
    this.#table = table
    this.#clock = clock
  }

  /** Lists the entities of rows that are written next. Writes nothing while all are listed for long enough. */
  async add(job: string, rows: readonly HistoryRow[]): Promise<void> {
    const listings = await this.#listingsOf(job)
    const extended = new Map<string, number>()
    for (const { kind, entity, expiresAt } of rows) {
      const { sk } = historyEntityKey(job, kind, entity)
      if ((listings.get(sk) ?? 0) >= expiresAt + MIN_AFTER_ROWS_MS) continue
      extended.set(sk, Math.max(extended.get(sk) ?? 0, expiresAt + LISTED_AFTER_ROWS_MS))
    }
    if (extended.size === 0) return
    const { pk } = historyEntityKey(job, '', '')
    const records = [...extended].map(([sk, until]) => ({ pk, sk, expiresAt: epochSeconds(until) }))
    await batchPut(this.#table, this.#clock, records)
    for (const [sk, until] of extended) listings.set(sk, until)
  }

  /** Read once; again after a failure. */
  async #listingsOf(job: string): Promise<Listings> {
    const listings = this.#listings.get(job) ?? this.#read(job)
    this.#listings.set(job, listings)
    try {
      return await listings
    } catch (error) {
      this.#listings.delete(job)
      throw error
    }
  }

  /** A listing that cannot be decoded is written again. */
  async #read(job: string): Promise<Listings> {
    const { pk } = historyEntityKey(job, '', '')
    const ends = await this.#table.list(pk, { first: ' ', last: '~' }, (attributes) => {
      const fields = new Fields(attributes)
      return [fields.text('sk'), fields.number('expiresAt') * 1_000] as const
    })
    return new Map(ends)
  }
}

/** The listed entities of a kind, sorted. Their names are in their keys, so that no listing has to be decoded. */
export async function listedEntities(
  table: TableReader,
  job: string,
  kind: string,
): Promise<readonly string[]> {
  const { pk, sk: prefix } = historyEntityKey(job, kind, '')
  const records = await table.query(pk, { first: prefix, last: `${prefix}~` })
  return records
    .map((attributes) => decodeURIComponent(new Fields(attributes).text('sk').slice(prefix.length)))
    .toSorted()
}
