import { defined } from '#shared/domain/defined.ts'
import { type Duration, milliseconds } from '#shared/domain/duration.ts'
import type { FreshnessPolicy } from '#shared/domain/freshness.ts'
import type { SettingsTable } from './settings.ts'
import { evaluateMember, expectWholeNumber } from './validation.ts'

/** How a job runs, as its author writes it. */
export interface RunSpec {
  /** `plain`: one invocation. `task`: a state machine of short ones, for long or wide work, with a status to poll. */
  readonly mode: 'plain' | 'task'
  /** Limit of the whole run; of a task from its submission. */
  readonly deadline: Duration
  /** Attempts per request, the first included; 1 by default. */
  readonly attempts?: number
  /** Base of the exponential backoff; 1 second by default. */
  readonly backoff?: Duration
  /** Concurrent requests, and concurrent chunks of a task; 1 by default. */
  readonly concurrency?: number
  /** Tasks only: requests per invocation; 100 by default, 1 with a pace. */
  readonly chunk?: number
  /** Tasks only: pause of a lane after each chunk. It costs no computing time. */
  readonly pace?: Duration
  /** Tasks only: how long a successful result also answers later submissions of the same work; 0 by default. */
  readonly coalesceFor?: Duration
}

/** How a job runs. All durations are milliseconds. */
export interface RunPolicy {
  readonly mode: 'plain' | 'task'
  readonly deadlineMs: number
  readonly attempts: number
  readonly backoffMs: number
  readonly concurrency: number
  readonly chunk: number
  readonly paceMs: number
  readonly coalesceForMs: number
}

/** Cold fills that one process of the public reads requests within a minute, over all jobs. */
export const MAX_COLD_FILLS_PER_MINUTE = 30

const DEFAULT_CHUNK = 100

/**
 * Resolves the `run` of a declaration.
 *
 * @throws {DeclarationError} for a bad duration or number
 */
export function runPolicy(where: string, spec: RunSpec): RunPolicy {
  return {
    mode: spec.mode,
    deadlineMs: memberMs(where, 'deadline', spec.deadline),
    attempts: expectWholeNumber(`${where}.attempts`, spec.attempts ?? 1),
    backoffMs: memberMs(where, 'backoff', spec.backoff ?? '1 second'),
    concurrency: expectWholeNumber(`${where}.concurrency`, spec.concurrency ?? 1),
    chunk: expectWholeNumber(`${where}.chunk`, spec.chunk ?? (spec.pace === undefined ? DEFAULT_CHUNK : 1)),
    paceMs: spec.pace === undefined ? 0 : memberMs(where, 'pace', spec.pace),
    coalesceForMs: spec.coalesceFor === undefined ? 0 : memberMs(where, 'coalesceFor', spec.coalesceFor),
  }
}

/** How long a job's values may be served, as its author writes it. */
export interface FreshnessSpec {
  /** Counted from the last confirmation by the upstream. Must cover interval, spread and deadline (checked at synth). */
  readonly freshFor: Duration
  readonly serveStaleFor: Duration
  /** At most 366 days. */
  readonly keepFor: Duration
  /**
   * How old the source's own time (`asOf`) may be for a value to be fresh, however recently the source confirmed it;
   * unlimited by default. Must be longer than the source's own delay, else the value is never fresh.
   */
  readonly maxAsOfAge?: Duration
  /**
   * The largest share by which `freshFor` of each key is lengthened at random whenever it is confirmed, 0 to 0.5: keys that
   * are fetched together then do not become stale together. Items only; none by default.
   */
  readonly jitter?: number
  /** How long caches may answer while they revalidate (`stale-while-revalidate`); 10 minutes by default. */
  readonly revalidateWithin?: Duration
  /** How long an empty answer is fresh. Items only; without it an empty answer is an error. */
  readonly emptyFor?: Duration
  /** How long readers get 404 for a key that the source does not have. Items only. */
  readonly notFoundFor?: Duration
}

/**
 * Resolves the `freshness` of a declaration.
 *
 * @throws {DeclarationError} for a bad duration
 */
export function freshnessPolicy(
  where: string,
  spec: FreshnessSpec,
): FreshnessPolicy & { readonly revalidateWithinMs: number } {
  const optionalMs = (name: 'maxAsOfAge' | 'emptyFor' | 'notFoundFor') => {
    const duration = spec[name]
    return duration === undefined ? undefined : memberMs(where, name, duration)
  }
  return {
    freshForMs: memberMs(where, 'freshFor', spec.freshFor),
    serveStaleForMs: memberMs(where, 'serveStaleFor', spec.serveStaleFor),
    keepForMs: memberMs(where, 'keepFor', spec.keepFor),
    revalidateWithinMs: memberMs(where, 'revalidateWithin', spec.revalidateWithin ?? '10 minutes'),
    ...defined({
      jitter: spec.jitter,
      maxAsOfAgeMs: optionalMs('maxAsOfAge'),
      emptyForMs: optionalMs('emptyFor'),
      notFoundForMs: optionalMs('notFoundFor'),
    }),
  }
}

/**
 * Milliseconds of a member that is a duration.
 *
 * @throws {DeclarationError} naming the member, for a bad number or unit
 */
export function memberMs(where: string, member: string, duration: Duration): number {
  return evaluateMember(`${where}.${member}`, () => milliseconds(duration))
}

/** Parts of any declaration that operators may override: the interval, and the set of items to refresh. */
export type Overridable = 'interval' | 'items'

interface OverridableSpec {
  readonly settings: SettingsTable
  readonly overridable?: readonly string[]
}

/** All values of {@link Overridable}. */
export const OVERRIDABLE_PARTS: readonly Overridable[] = ['interval', 'items']

/** Which parts and which settings of a job may be overridden. */
export function overridableOf({ settings, overridable = [] }: OverridableSpec): {
  readonly overridable: readonly Overridable[]
  readonly overridableSettings: SettingsTable
} {
  return {
    overridable: OVERRIDABLE_PARTS.filter((part) => overridable.includes(part)),
    overridableSettings: Object.fromEntries(
      Object.entries(settings).filter(([name]) => overridable.includes(name)),
    ),
  }
}
