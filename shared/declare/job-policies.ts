import { defined } from '#shared/domain/defined.ts'
import { type Duration, durationText, milliseconds } from '#shared/domain/duration.ts'
import { type FreshnessPolicy, MAX_KEEP_MS } from '#shared/domain/freshness.ts'
import { SettingsRecorder, type SettingsTable, type SettingValues, settingValues } from './settings.ts'
import {
  DeclarationError,
  evaluateMember,
  expectOneOf,
  expectWholeNumber,
  rejectUnknownKeys,
} from './validation.ts'

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

const RUN_KEYS = ['mode', 'deadline', 'attempts', 'backoff', 'concurrency', 'chunk', 'pace', 'coalesceFor']
const TASK_ONLY_KEYS = ['chunk', 'pace', 'coalesceFor'] as const
const DEFAULT_CHUNK = 100

/**
 * Resolves the `run` of a declaration.
 *
 * @throws {DeclarationError} for unknown keys, an unknown mode, and members that only tasks have
 */
export function runPolicy(where: string, spec: RunSpec): RunPolicy {
  rejectUnknownKeys(where, spec, RUN_KEYS)
  expectOneOf(`${where}.mode`, spec.mode, ['plain', 'task'])
  const taskOnly = TASK_ONLY_KEYS.find((name) => spec[name] !== undefined && spec.mode === 'plain')
  if (taskOnly !== undefined) {
    throw new DeclarationError(`${where}.${taskOnly}: expected only with mode: 'task', got it with 'plain'`)
  }
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
  /** How long caches may answer while they revalidate (`stale-while-revalidate`); 10 minutes by default. */
  readonly revalidateWithin?: Duration
  /** How long an empty answer is fresh. Items only; without it an empty answer is an error. */
  readonly emptyFor?: Duration
  /** How long readers get 404 for a key that the source does not have. Items only. */
  readonly notFoundFor?: Duration
}

const FRESHNESS_KEYS = [
  'freshFor',
  'serveStaleFor',
  'keepFor',
  'maxAsOfAge',
  'revalidateWithin',
  'emptyFor',
  'notFoundFor',
]

/**
 * Resolves the `freshness` of a declaration.
 *
 * @throws {DeclarationError} for unknown keys, for durations of single keys where a snapshot is stored, and for data kept
 *   for more than 366 days
 */
export function freshnessPolicy(
  where: string,
  spec: FreshnessSpec,
  stored: 'items' | 'snapshot',
): FreshnessPolicy & { readonly revalidateWithinMs: number } {
  rejectUnknownKeys(where, spec, FRESHNESS_KEYS)
  const keyMs = (name: 'emptyFor' | 'notFoundFor') => {
    const duration = spec[name]
    if (duration === undefined) return undefined
    if (stored === 'items') return memberMs(where, name, duration)
    throw new DeclarationError(`${where}.${name}: expected only with stored: 'items', got it with 'snapshot'`)
  }
  return {
    freshForMs: memberMs(where, 'freshFor', spec.freshFor),
    serveStaleForMs: memberMs(where, 'serveStaleFor', spec.serveStaleFor),
    keepForMs: keepForMs(where, spec),
    revalidateWithinMs: memberMs(where, 'revalidateWithin', spec.revalidateWithin ?? '10 minutes'),
    ...defined({
      maxAsOfAgeMs:
        spec.maxAsOfAge === undefined ? undefined : memberMs(where, 'maxAsOfAge', spec.maxAsOfAge),
      emptyForMs: keyMs('emptyFor'),
      notFoundForMs: keyMs('notFoundFor'),
    }),
  }
}

function keepForMs(where: string, { keepFor }: FreshnessSpec): number {
  const ms = memberMs(where, 'keepFor', keepFor)
  if (ms <= MAX_KEEP_MS) return ms
  throw new DeclarationError(
    `${where}.keepFor: expected at most ${durationText(MAX_KEEP_MS)}, got ${durationText(ms)}`,
  )
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

const OVERRIDABLE_PARTS: readonly Overridable[] = ['interval', 'items']

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

/**
 * Checks the `overridable` of a declaration. An override changes the settings of runs, but not the schedule, upstream or
 * freshness: a setting that those are computed from would be half in effect.
 *
 * @param apply - resolves the job from the given settings
 * @throws {DeclarationError} for a name that is neither a part nor a setting of the job, and for a setting that `apply`
 *   reads
 */
export function checkOverridable(
  where: string,
  { settings, overridable = [] }: OverridableSpec,
  apply: (settings: SettingValues<SettingsTable>) => unknown,
): void {
  for (const name of overridable) expectOneOf(where, name, [...OVERRIDABLE_PARTS, ...Object.keys(settings)])
  const recorder = new SettingsRecorder(settingValues(settings, {}))
  apply(recorder.settings)
  const conflict = overridable.find((name) => recorder.names.includes(name))
  if (conflict === undefined) return
  throw new DeclarationError(
    `${where}: expected settings that only runs use, got ${conflict}, from which other members of the declaration are computed`,
  )
}
