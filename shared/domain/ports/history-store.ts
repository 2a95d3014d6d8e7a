import type { HistoryRow } from '../records/publication.ts'

export interface HistoryStore {
  /** Writes rows; replaces a row of the same kind, entity and time. */
  put(job: string, rows: readonly HistoryRow[]): Promise<void>
  /** Rows of [from, to], newest first, at most `limit`, expired ones included. */
  list(
    job: string,
    kind: string,
    entity: string,
    range: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<readonly HistoryRow[]>
}

/** The rows to remove: those before a time, all by default, the oldest first and at most `limit`. */
interface HistoryRemoval {
  readonly before?: number
  readonly limit?: number
}

/** What retention and purges use of histories. Rows that cannot be decoded are counted and removed as any others. */
export interface HistoryClearance {
  /**
   * The entities that have rows of a kind, sorted, also those that no run writes any more. It may list too many, never too
   * few, because each is listed before its first row.
   */
  entities(job: string, kind: string): Promise<readonly string[]>
  /**
   * Removes rows of one entity in pages of 25. Repeating it removes what is left.
   *
   * @returns the number of removed rows; fewer than `limit` when no such row is left
   */
  remove(job: string, kind: string, entity: string, removal: HistoryRemoval): Promise<number>
  /** The number of stored rows of one entity, expired ones included. Eventually consistent. */
  count(job: string, kind: string, entity: string): Promise<number>
}
