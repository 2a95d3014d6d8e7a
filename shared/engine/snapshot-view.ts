import { type FreshnessPolicy, freshness, freshnessTimes } from '#shared/domain/freshness.ts'
import type { SnapshotEntry, SnapshotHead } from '#shared/domain/records/snapshot.ts'

/** The one set of a job that is stored as a snapshot. */
export const SNAPSHOT_KEY = 'all'

/** The entries of a head with the times that hold for them: a set confirmed as a whole was confirmed in each entry. */
export function withConfirmedTimes(
  head: SnapshotHead,
  entries: readonly SnapshotEntry[],
): readonly SnapshotEntry[] {
  const { confirmedAt } = head
  return confirmedAt === undefined ? entries : entries.map((entry) => ({ ...entry, checkedAt: confirmedAt }))
}

/** The policy that a head was published under. */
export function policyOf({
  checkedAt,
  freshUntil,
  staleUntil,
  expiresAt,
}: Omit<SnapshotHead, 'pages'>): FreshnessPolicy {
  return {
    freshForMs: freshUntil - checkedAt,
    serveStaleForMs: staleUntil - checkedAt,
    keepForMs: expiresAt - checkedAt,
  }
}

/** When an entry, by its own times, may be served no longer. */
export function servableUntil({ checkedAt }: SnapshotEntry, policy: FreshnessPolicy): number {
  const { staleUntil, expiresAt } = freshnessTimes(checkedAt, policy)
  return Math.min(staleUntil, expiresAt)
}

/** Whether an entry, by its own times, may still be served: one carried forward for too long may not. */
export function isServable(entry: SnapshotEntry, policy: FreshnessPolicy, now: number): boolean {
  return freshness(freshnessTimes(entry.checkedAt, policy), now) !== 'gone'
}
