import { type Duration, milliseconds } from '#shared/domain/duration.ts'
import type { FreshnessPolicy } from '#shared/domain/freshness.ts'
import { rejectUnknownKeys } from './exact.ts'

/** For how long a job's values may be served, as its author writes it. */
export interface FreshnessSpec {
  /** Since the upstream last confirmed a value. Covers interval, spread and deadline, or synthesis refuses it. */
  readonly freshFor: Duration
  readonly serveStaleFor: Duration
  readonly keepFor: Duration
  /** How long caches may answer while they revalidate (`stale-while-revalidate`); ten minutes unless said. */
  readonly revalidateWithin?: Duration
  /** How long an answer without data is fresh, where that is an answer at all; items only. */
  readonly emptyFor?: Duration
  /** How long it is remembered that the source does not know a key, so that readers get 404; items only. */
  readonly notFoundFor?: Duration
}

const FRESHNESS_KEYS = ['freshFor', 'serveStaleFor', 'keepFor', 'revalidateWithin', 'emptyFor', 'notFoundFor']

/**
 * The policy that a declaration's freshness means.
 *
 * @throws {TypeError} for unknown keys, and for times of single keys where the whole set is stored
 */
export function freshnessPolicy(
  where: string,
  spec: FreshnessSpec,
  stored: 'items' | 'snapshot',
): FreshnessPolicy {
  rejectUnknownKeys(where, spec, FRESHNESS_KEYS)
  const { emptyFor, notFoundFor } = spec
  for (const [name, value] of Object.entries({ emptyFor, notFoundFor })) {
    if (value !== undefined && stored === 'snapshot') {
      throw new TypeError(`${where}.${name}: expected only with stored: 'items', got it with 'snapshot'`)
    }
  }
  return {
    freshForMs: milliseconds(spec.freshFor),
    serveStaleForMs: milliseconds(spec.serveStaleFor),
    keepForMs: milliseconds(spec.keepFor),
    ...(emptyFor === undefined ? {} : { emptyForMs: milliseconds(emptyFor) }),
    ...(notFoundFor === undefined ? {} : { notFoundForMs: milliseconds(notFoundFor) }),
  }
}
