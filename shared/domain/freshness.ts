import { DAY_MS } from './duration.ts'

/** How long a value is fresh, servable and stored, in milliseconds since its `checkedAt`. */
export interface FreshnessPolicy {
  readonly freshForMs: number
  readonly serveStaleForMs: number
  readonly keepForMs: number
  /** How old the source's own time may be for a value to be fresh; without it, only the last confirmation counts. */
  readonly maxAsOfAgeMs?: number
  /** The largest share by which the freshness of a key is lengthened at random; none by default. */
  readonly jitter?: number
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

/** Longest time for which a value may be stored; a stored time that is later than that is not believed. */
export const MAX_KEEP_MS = 366 * DAY_MS

/**
 * The times of a value that an upstream last confirmed at `checkedAt`. A confirmation does not make old data fresh:
 * `freshUntil` is `checkedAt + freshFor`, and `asOf + maxAsOfAge` if that is earlier.
 *
 * @param asOf - the source's own time of the value
 */
export function freshnessTimes(checkedAt: number, policy: FreshnessPolicy, asOf: number): FreshnessTimes {
  return {
    checkedAt,
    freshUntil: Math.min(
      checkedAt + policy.freshForMs,
      asOf + (policy.maxAsOfAgeMs ?? Number.POSITIVE_INFINITY),
    ),
    staleUntil: checkedAt + policy.serveStaleForMs,
    expiresAt: checkedAt + policy.keepForMs,
  }
}

/** The longest time for which a value can be fresh under a policy, in milliseconds. */
export function longestFreshMs({ freshForMs, jitter = 0 }: FreshnessPolicy): number {
  return freshForMs + Math.floor(freshForMs * jitter)
}

/**
 * The policy of one confirmation of one key: fresh for `freshFor` and a random share of it, so that keys which are confirmed
 * together do not become stale together.
 *
 * @param random - a number in [0, 1)
 */
export function withJitter(policy: FreshnessPolicy, random: () => number): FreshnessPolicy {
  const { freshForMs, jitter } = policy
  return jitter === undefined
    ? policy
    : { ...policy, freshForMs: freshForMs + Math.floor(freshForMs * jitter * random()) }
}

/**
 * Classifies a value: fresh before `freshUntil`, stale before `staleUntil`, then gone. The only source of headers and
 * labels (I3). It does not rely on deletion by TTL: DynamoDB may keep an expired item for days.
 */
export function freshness(times: FreshnessTimes, now: number): Freshness {
  if (now >= times.staleUntil || now >= times.expiresAt) return 'gone'
  if (now >= times.freshUntil) return 'stale'
  if (isInvalidated(times)) return 'stale'
  return 'fresh'
}

/** Whether an operator has marked a value as stale since it was last confirmed. */
export function isInvalidated({
  invalidatedAt,
  checkedAt,
}: Pick<FreshnessTimes, 'invalidatedAt' | 'checkedAt'>): boolean {
  return invalidatedAt !== undefined && invalidatedAt > checkedAt
}

/**
 * Whether a reader of a value requests its refresh: it is stale, and not merely because the source's own time is old.
 * Asking the source again does not help then. A value that was published under a shorter `freshFor` than today's is stale
 * by its own times.
 */
export function isRefreshDue(
  times: FreshnessTimes & { readonly asOf: number },
  {
    freshForMs,
    maxAsOfAgeMs = Number.POSITIVE_INFINITY,
  }: Pick<FreshnessPolicy, 'freshForMs' | 'maxAsOfAgeMs'>,
  now: number,
): boolean {
  if (freshness(times, now) !== 'stale') return false
  const isSourceLate = times.freshUntil >= times.asOf + maxAsOfAgeMs && now < times.checkedAt + freshForMs
  return !isSourceLate || isInvalidated(times)
}
