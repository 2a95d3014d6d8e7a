import { type Duration, milliseconds } from '#shared/domain/duration.ts'
import type { FreshnessPolicy } from '#shared/domain/freshness.ts'
import { type SettingsTable, type SettingValues, settingValues } from './settings.ts'
import { expectOneOf, expectWholeNumber, rejectUnknownKeys } from './validation.ts'

/** How a job runs, as its author writes it. */
export interface RunSpec {
  /** `plain`: one invocation. `task`: a state machine of short ones, for long or wide work, with a status to poll. */
  readonly mode: 'plain' | 'task'
  /** Bound over the whole run; of a task from its submission. */
  readonly deadline: Duration
  /** Attempts a request, the first included; one unless said. */
  readonly attempts?: number
  /** Base of the exponential backoff; one second unless said. */
  readonly backoff?: Duration
  /** Requests under way at once, and of a task chunks; one unless said. */
  readonly concurrency?: number
  /** Of a task: requests that one invocation makes; 100 unless said, 1 with a pace. */
  readonly chunk?: number
  /** Of a task: how long a lane rests after each chunk, at nobody's expense. */
  readonly pace?: Duration
  /** Of a task: for how long the same work, done well, answers whoever asks for it again; not at all unless said. */
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
 * The policy that a declaration's run means.
 *
 * @throws {TypeError} for unknown keys, an unknown shape, and what only a task can have
 */
export function runPolicy(where: string, spec: RunSpec): RunPolicy {
  rejectUnknownKeys(where, spec, RUN_KEYS)
  expectOneOf(`${where}.mode`, spec.mode, ['plain', 'task'])
  const stray = TASK_ONLY_KEYS.find((name) => spec[name] !== undefined && spec.mode === 'plain')
  if (stray !== undefined) {
    throw new TypeError(`${where}.${stray}: expected only with mode: 'task', got it with 'plain'`)
  }
  return {
    mode: spec.mode,
    deadlineMs: milliseconds(spec.deadline),
    attempts: expectWholeNumber(`${where}.attempts`, spec.attempts ?? 1),
    backoffMs: milliseconds(spec.backoff ?? '1 second'),
    concurrency: expectWholeNumber(`${where}.concurrency`, spec.concurrency ?? 1),
    chunk: expectWholeNumber(`${where}.chunk`, spec.chunk ?? (spec.pace === undefined ? DEFAULT_CHUNK : 1)),
    paceMs: spec.pace === undefined ? 0 : milliseconds(spec.pace),
    coalesceForMs: spec.coalesceFor === undefined ? 0 : milliseconds(spec.coalesceFor),
  }
}

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

/** What of any declaration may be overridden: how often it runs, and which of its items it refreshes. */
export type Overridable = 'interval' | 'items'

/** What a declaration says of it. */
interface OverridableSpec {
  readonly settings: SettingsTable
  readonly overridable?: readonly string[]
}

const OVERRIDABLE_PARTS: readonly Overridable[] = ['interval', 'items']

/** What may be overridden of a job, and which of its settings, each with how its text is read. */
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
 * Checks what is said to be overridable. A run under an override has other settings and the same schedule, upstream and
 * freshness: a setting that those are made from would be half in effect.
 *
 * @param apply - makes the job, with the defaults of its settings
 * @throws {TypeError} for what is neither a part nor a setting of its own, or a setting that `apply` looks at
 */
export function checkOverridable(
  where: string,
  { settings, overridable = [] }: OverridableSpec,
  apply: (settings: SettingValues<SettingsTable>) => unknown,
): void {
  for (const what of overridable) expectOneOf(where, what, [...OVERRIDABLE_PARTS, ...Object.keys(settings)])
  const looked = new Set<PropertyKey>()
  const get = (values: object, name: PropertyKey) => {
    looked.add(name)
    return Reflect.get(values, name)
  }
  apply(new Proxy(settingValues(settings, {}), { get }))
  const shaping = overridable.find((name) => looked.has(name))
  if (shaping === undefined) return
  throw new TypeError(
    `${where}: expected settings that runs alone look at, got ${shaping}, which other members of the declaration are made from`,
  )
}
