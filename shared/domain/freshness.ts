/** How long a value is fresh, servable and stored, in milliseconds since its `checkedAt`. */
export interface FreshnessPolicy {
  readonly freshForMs: number
  readonly serveStaleForMs: number
  readonly keepForMs: number
  /** How long an empty answer is fresh; without it, an empty answer is rejected. */
  readonly emptyForMs?: number
  /** How long a "not found" answer for a key is stored; without it, not at all. */
  readonly notFoundForMs?: number
}

/** The times that freshness is computed from; all in milliseconds since the Unix epoch. */
export interface FreshnessTimes {
  readonly checkedAt: number
  readonly freshUntil: number
  readonly staleUntil: number
  readonly expiresAt: number
  readonly invalidatedAt?: number
}

export type Freshness = 'fresh' | 'stale' | 'gone'

/** The times of a value that an upstream last confirmed at `checkedAt`. */
export function freshnessTimes(checkedAt: number, policy: FreshnessPolicy): FreshnessTimes {
  return {
    checkedAt,
    freshUntil: checkedAt + policy.freshForMs,
    staleUntil: checkedAt + policy.serveStaleForMs,
    expiresAt: checkedAt + policy.keepForMs,
  }
}

/**
 * Classifies a value: fresh before `freshUntil`, stale before `staleUntil`, then gone. The only source of headers and
 * labels (I3). It does not rely on deletion by TTL: DynamoDB may keep an expired item for days.
 */
export function freshness(times: FreshnessTimes, now: number): Freshness {
  if (now >= times.staleUntil || now >= times.expiresAt) return 'gone'
  if (now >= times.freshUntil) return 'stale'
  if (times.invalidatedAt !== undefined && times.invalidatedAt > times.checkedAt) return 'stale'
  return 'fresh'
}
