import type { Entry, Head } from '../ports/store.ts'

/** The one set of a job that is stored as a snapshot. */
export const SNAPSHOT_KEY = 'all'

/** The entries of a head with the times that hold for them: a set confirmed as a whole was confirmed in each entry. */
export function timedEntries(head: Head, entries: readonly Entry[]): readonly Entry[] {
  const { confirmedAt } = head
  return confirmedAt === undefined ? entries : entries.map((entry) => ({ ...entry, checkedAt: confirmedAt }))
}
