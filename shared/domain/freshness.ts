/** How long a value may be served, in milliseconds since its `checkedAt`. */
export interface FreshnessPolicy {
  readonly freshForMs: number
  readonly serveStaleForMs: number
  readonly keepForMs: number
  /** How long an answer without data is fresh; where it is absent, such an answer is not believed. */
  readonly emptyForMs?: number
  /** How long it is remembered that the source does not know a key; where it is absent, not at all. */
  readonly notFoundForMs?: number
}

/** The times that decide a label; all in milliseconds since the Unix epoch. */
export interface FreshnessTimes {
  readonly checkedAt: number
  readonly freshUntil: number
  readonly staleUntil: number
  readonly expiresAt: number
  readonly invalidatedAt?: number
}

export type Freshness = 'fresh' | 'stale' | 'gone'

/** The times that follow from the moment an upstream last confirmed a value. */
export function freshnessTimes(checkedAt: number, policy: FreshnessPolicy): FreshnessTimes {
  return {
    checkedAt,
    freshUntil: checkedAt + policy.freshForMs,
    staleUntil: checkedAt + policy.serveStaleForMs,
    expiresAt: checkedAt + policy.keepForMs,
  }
}

/**
 * The one classification: fresh before `freshUntil`, stale before `staleUntil`, then gone. Headers and labels are
 * derived from it and from nothing else. Clearance by TTL plays no part: an expired item may linger for days.
 */
export function freshness(times: FreshnessTimes, now: number): Freshness {
  if (now >= times.staleUntil || now >= times.expiresAt) return 'gone'
  if (now >= times.freshUntil) return 'stale'
  if (times.invalidatedAt !== undefined && times.invalidatedAt > times.checkedAt) return 'stale'
  return 'fresh'
}
