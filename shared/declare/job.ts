import type { FreshnessPolicy } from '../engine/freshness.ts'
import { type Duration, milliseconds } from './duration.ts'
import { expectMatch, expectOneOf, refuseUnknownKeys, wholeNumber } from './exact.ts'
import { type FreshnessSpec, freshnessPolicy } from './freshness-spec.ts'
import { checkOverridable, type Overridable, overridableOf } from './overridable.ts'
import {
  checkAlias,
  checkLive,
  checkRoute,
  checkSubmitRoute,
  type OperationAlias,
  type Parameter,
  type Route,
  type SubmitRoute,
} from './route.ts'
import { type RunPolicy, type RunSpec, runPolicy } from './run-spec.ts'
import { clockOf, type Timing } from './schedule.ts'
import type { SettingsTable, SettingValues } from './setting.ts'
import { changedSettings, SettingsError, type SettingTexts, settingValues } from './settings.ts'

type From<S extends SettingsTable, T> = T | ((settings: SettingValues<S>) => T)

/** The documented shapes of bodies and errors. */
export type EnvelopeName = 'success' | 'plain' | 'status' | 'code'

/** One declared refresh, as its author writes it. */
export interface JobSpec<S extends SettingsTable> {
  /** Short kebab-case noun. */
  readonly id: string
  readonly title: string
  readonly priority: 'P0' | 'P1' | 'P2'
  readonly settings: S
  /** Why the job is not to run, if so: nothing is scheduled or alarmed then. */
  readonly off?: (settings: SettingValues<S>) => string | undefined
  /**
   * Why the job does not run by itself until somebody resumes it, if so: what it is created as. The first decision of an
   * operator, of whatever kind, takes the place of the configuration.
   */
  readonly startsPaused?: (settings: SettingValues<S>) => string | undefined
  /** When it runs; `onDemand()` for when it is asked. */
  readonly schedule: From<S, Timing>
  /** How late the scheduler may start a tick; one minute unless said, and of use with a schedule only. */
  readonly spread?: Duration
  /** Its provider, or several: in order of preference where one of them answers for all. */
  readonly upstream: From<S, string | readonly string[]>
  /** Jobs whose snapshots it reads to plan and to parse. One that is published wakes it while its own data are missing or overdue. */
  readonly inputs?: readonly string[]
  /** Those of its inputs of which each publication is followed by a run, beside its schedule. */
  readonly follows?: readonly string[]
  /** Rows that it keeps of the past, by kind, and for how long. */
  readonly history?: Readonly<Record<string, Duration>>
  /** How often the upstream itself has something new, where that is known: asking more often is warned of. */
  readonly renewedEvery?: Duration
  readonly freshness: From<S, FreshnessSpec>
  readonly run: From<S, RunSpec>
  /** `items`: each key by itself. `snapshot`: the whole set at one moment. */
  readonly stored: 'items' | 'snapshot'
  /** The form of its keys, where no path of its reads says it. */
  readonly keys?: Parameter
  /** The documented shape of its bodies and errors. */
  readonly envelope: EnvelopeName
  readonly reads: readonly Route[]
  /** Of a task: what can be asked for beside the job, each with what it is unless said. */
  readonly params?: Readonly<Record<string, string | number | boolean | null>>
  /** Paths that submit it as a task. */
  readonly submits?: From<S, readonly SubmitRoute[]>
  /** Documented paths of operations on it. */
  readonly aliases?: readonly OperationAlias[]
  /** How the ids of its tasks begin where they are documented, in place of its own id and a hyphen. */
  readonly taskPrefix?: string
  /** Further names under which an operator may trigger it, as documented; the id with `_` is one always. */
  readonly triggerNames?: readonly string[]
  /**
   * What an operator may hold in place of the declaration at run time; nothing unless said. A setting that is named here
   * shapes runs, and nothing else of the declaration.
   */
  readonly overridable?: readonly (Overridable | (keyof S & string))[]
  /** How long data may be overdue before somebody is called; two intervals unless said. */
  readonly overdueAfter?: From<S, Duration>
  /** How many runs may fail in a row before somebody is called; five unless said. */
  readonly failuresBeforeAlarm?: number
  /** How long all of its providers may be left alone before somebody is called; an hour unless said. */
  readonly coolingBeforeAlarm?: Duration
}

/** A job's declaration: plain data, checked, cheap to import. {@link resolveJob} applies settings to it. */
export interface JobDeclaration {
  readonly id: string
  readonly settings: SettingsTable
  readonly spec: JobSpec<SettingsTable>
}

/** A job with its settings applied. All durations are milliseconds. */
export interface Job {
  readonly id: string
  readonly title: string
  readonly priority: 'P0' | 'P1' | 'P2'
  /** What its settings are; {@link SettingValues} of its own table. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly off?: string
  /** Why it is paused as long as no operator has decided anything for it. */
  readonly startsPaused?: string
  readonly schedule: Timing
  readonly spreadMs: number
  /** The one that is asked first. */
  readonly upstream: string
  /** All of them, in order. */
  readonly upstreams: readonly string[]
  readonly inputs: readonly string[]
  readonly follows: readonly string[]
  /** How long a row of a kind is kept, in milliseconds. */
  readonly history: Readonly<Record<string, number>>
  readonly renewedEveryMs?: number
  readonly freshness: FreshnessPolicy
  readonly revalidateWithinMs: number
  readonly run: RunPolicy
  readonly stored: 'items' | 'snapshot'
  readonly keys?: Parameter
  readonly envelope: EnvelopeName
  readonly reads: readonly Route[]
  readonly params: Readonly<Record<string, string | number | boolean | null>>
  readonly submits: readonly SubmitRoute[]
  readonly aliases: readonly OperationAlias[]
  readonly taskPrefix: string
  /** All names that are not its id. */
  readonly triggerNames: readonly string[]
  readonly overridable: readonly Overridable[]
  /** Settings that operators may override, each with how its text is read. */
  readonly overridableSettings: SettingsTable
  readonly overdueAfterMs?: number
  readonly failuresBeforeAlarm: number
  readonly coolingBeforeAlarmMs: number
}

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

const SPEC_KEYS = [
  'id',
  'title',
  'priority',
  'settings',
  'off',
  'startsPaused',
  'schedule',
  'spread',
  'upstream',
  'inputs',
  'follows',
  'history',
  'renewedEvery',
  'freshness',
  'run',
  'stored',
  'keys',
  'envelope',
  'reads',
  'params',
  'submits',
  'aliases',
  'taskPrefix',
  'triggerNames',
  'overridable',
  'overdueAfter',
  'failuresBeforeAlarm',
  'coolingBeforeAlarm',
]

/**
 * Declares a job. Everything is checked here, with the defaults of its settings.
 *
 * @throws {TypeError} for an unknown key, a bad unit, an illegal value: naming the place, expected and got
 */
export function defineJob<const S extends SettingsTable>(spec: JobSpec<S>): JobDeclaration {
  const where = `job ${JSON.stringify(spec.id)}`
  refuseUnknownKeys(where, spec, SPEC_KEYS)
  expectMatch(`${where}.id`, spec.id, KEBAB, 'a short kebab-case noun')
  expectMatch(`${where}.id`, spec.id, /^.{3,40}$/, '3 to 40 characters')
  expectMatch(`${where}.title`, spec.title, /\S/, 'a title')
  expectOneOf(`${where}.priority`, spec.priority, ['P0', 'P1', 'P2'])
  expectOneOf(`${where}.stored`, spec.stored, ['items', 'snapshot'])
  expectOneOf(`${where}.envelope`, spec.envelope, ['success', 'plain', 'status', 'code'])
  const { inputs = [], follows = [] } = spec
  for (const input of inputs) expectMatch(`${where}.inputs`, input, KEBAB, 'the id of a job')
  const stray = follows.find((one) => !inputs.includes(one))
  if (stray !== undefined) {
    const declares = inputs.join(', ') || 'none'
    throw new TypeError(`${where}.follows: expected an input, got "${stray}"; it declares ${declares}`)
  }
  for (const kind of Object.keys(spec.history ?? {})) {
    expectMatch(`${where}.history`, kind, KEBAB, 'kinds as short kebab-case nouns')
  }
  for (const name of Object.keys(spec.settings)) {
    expectMatch(`${where}.settings`, name, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/, 'names in UPPER_SNAKE_CASE')
  }
  for (const name of spec.triggerNames ?? []) {
    expectMatch(`${where}.triggerNames`, name, /^[a-z][a-z0-9_]{2,59}$/, 'names in lower snake_case')
  }
  spec.reads.forEach((route, index) => {
    checkRoute(`${where}.reads[${index}]`, route)
    checkLive(`${where}.reads[${index}].live`, route, spec)
  })
  spec.aliases?.forEach((alias, index) => {
    checkAlias(`${where}.aliases[${index}]`, alias)
  })
  if (spec.taskPrefix !== undefined) {
    expectMatch(
      `${where}.taskPrefix`,
      spec.taskPrefix,
      /^[a-z][a-z_-]{2,39}$/,
      'a prefix such as latest_rates_',
    )
  }
  const declaration: JobDeclaration = Object.freeze({
    id: spec.id,
    settings: spec.settings,
    spec: Object.freeze(spec) as unknown as JobSpec<SettingsTable>,
  })
  checkOverridable(`${where}.overridable`, declaration.spec, (settings) => applied(declaration, settings))
  return declaration
}

/**
 * Applies settings to a declaration.
 *
 * @throws {SettingsError} for illegal values, and for legal ones from which something illegal follows
 */
export function resolveJob(declaration: JobDeclaration, given: SettingTexts): Job {
  const changed = Object.keys(changedSettings(declaration.settings, given))
  try {
    return applied(declaration, settingValues(declaration.settings, given))
  } catch (error) {
    if (!(error instanceof TypeError) || changed.length === 0) throw error
    throw new SettingsError([{ name: changed.join(', '), message: error.message }], { cause: error })
  }
}

function applied({ id, spec }: JobDeclaration, settings: SettingValues<SettingsTable>): Job {
  const where = `job ${JSON.stringify(id)}`
  const from = <T>(value: From<SettingsTable, T>): T =>
    typeof value === 'function' ? (value as (s: typeof settings) => T)(settings) : value
  const freshness = from(spec.freshness)
  const given = from(spec.upstream)
  const upstreams = typeof given === 'string' ? [given] : given
  if (upstreams.length === 0) throw new TypeError(`${where}.upstream: expected at least one, got none`)
  for (const name of upstreams) expectMatch(`${where}.upstream`, name, KEBAB, 'the name of an upstream')
  const schedule = from(spec.schedule)
  expectClockFor(where, schedule, spec)
  const run = runPolicy(`${where}.run`, from(spec.run))
  const off = spec.off?.(settings)
  const startsPaused = spec.startsPaused?.(settings)
  return Object.freeze({
    id,
    title: spec.title,
    priority: spec.priority,
    settings,
    ...(off === undefined ? {} : { off }),
    ...(startsPaused === undefined ? {} : { startsPaused }),
    schedule,
    spreadMs: clockOf(schedule) ? milliseconds(spec.spread ?? '1 minute') : 0,
    upstream: upstreams[0] as string,
    upstreams,
    inputs: spec.inputs ?? [],
    follows: spec.follows ?? [],
    history: Object.fromEntries(
      Object.entries(spec.history ?? {}).map(([kind, keepFor]) => [kind, milliseconds(keepFor)]),
    ),
    ...(spec.renewedEvery === undefined ? {} : { renewedEveryMs: milliseconds(spec.renewedEvery) }),
    freshness: freshnessPolicy(`${where}.freshness`, freshness, spec.stored),
    revalidateWithinMs: milliseconds(freshness.revalidateWithin ?? '10 minutes'),
    run,
    stored: spec.stored,
    ...(spec.keys === undefined ? {} : { keys: spec.keys }),
    envelope: spec.envelope,
    reads: spec.reads,
    params: spec.params ?? {},
    submits: submitsOf(where, from(spec.submits ?? []), run.shape),
    aliases: spec.aliases ?? [],
    taskPrefix: spec.taskPrefix ?? `${id}-`,
    triggerNames: triggerNames(id, spec.triggerNames ?? []),
    ...overridableOf(spec),
    ...(spec.overdueAfter === undefined ? {} : { overdueAfterMs: milliseconds(from(spec.overdueAfter)) }),
    failuresBeforeAlarm: wholeNumber(`${where}.failuresBeforeAlarm`, spec.failuresBeforeAlarm ?? 5),
    coolingBeforeAlarmMs: milliseconds(spec.coolingBeforeAlarm ?? '1 hour'),
  })
}

/** What is said of ticks needs some. */
function expectClockFor(where: string, schedule: Timing, spec: JobSpec<SettingsTable>): void {
  if (clockOf(schedule)) return
  const stray =
    spec.spread !== undefined
      ? 'spread'
      : spec.overdueAfter !== undefined
        ? 'overdueAfter'
        : spec.overridable?.includes('interval')
          ? 'overridable'
          : undefined
  if (stray === undefined) return
  const got = stray === 'overridable' ? "'interval'" : 'it'
  throw new TypeError(`${where}.${stray}: expected only with a schedule, got ${got} with onDemand()`)
}

function submitsOf(where: string, submits: readonly SubmitRoute[], shape: RunPolicy['shape']) {
  submits.forEach((route, index) => {
    checkSubmitRoute(`${where}.submits[${index}]`, route)
  })
  if (submits.length > 0 && shape !== 'task')
    throw new TypeError(`${where}.submits: expected only with shape: 'task', got it with '${shape}'`)
  return submits
}

function triggerNames(id: string, declared: readonly string[]): readonly string[] {
  const names = new Set([id.replaceAll('-', '_'), ...declared])
  names.delete(id)
  return [...names]
}
