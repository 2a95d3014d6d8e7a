import { milliseconds } from '#shared/domain/duration.ts'
import type { FreshnessPolicy } from '#shared/domain/freshness.ts'
import {
  checkOverridable,
  freshnessPolicy,
  type Overridable,
  overridableOf,
  type RunPolicy,
  runPolicy,
} from './job-policies.ts'
import { checkJobSpec, type EnvelopeName, type FromSettings, type JobSpec, KEBAB } from './job-spec.ts'
import {
  checkSubmitRoute,
  type OperationAlias,
  type Parameter,
  type Route,
  type SubmitRoute,
} from './route.ts'
import { clockOf, type Timing } from './schedule.ts'
import {
  changedSettings,
  SettingsError,
  type SettingsTable,
  type SettingTexts,
  type SettingValues,
  settingValues,
} from './settings.ts'
import { expectMatch, expectWholeNumber } from './validation.ts'

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
  readonly initialPause?: string
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
  readonly upstreamIntervalMs?: number
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

/**
 * Declares a job. Everything is checked here, with the defaults of its settings.
 *
 * @throws {TypeError} for an unknown key, a bad unit, an illegal value: naming the place, expected and got
 */
export function defineJob<const S extends SettingsTable>(spec: JobSpec<S>): JobDeclaration {
  const where = `job ${JSON.stringify(spec.id)}`
  checkJobSpec(where, spec)
  const declaration: JobDeclaration = Object.freeze({
    id: spec.id,
    settings: spec.settings,
    // the compiler has checked which settings its functions speak of; a list of all declarations cannot say it
    spec: Object.freeze(spec) as unknown as JobSpec<SettingsTable>,
  })
  checkOverridable(`${where}.overridable`, declaration.spec, (settings) =>
    applySettings(declaration, settings),
  )
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
    return applySettings(declaration, settingValues(declaration.settings, given))
  } catch (error) {
    if (!(error instanceof TypeError) || changed.length === 0) throw error
    throw new SettingsError([{ name: changed.join(', '), message: error.message }], { cause: error })
  }
}

function applySettings({ id, spec }: JobDeclaration, settings: SettingValues<SettingsTable>): Job {
  const where = `job ${JSON.stringify(id)}`
  const from = <T>(value: FromSettings<SettingsTable, T>): T =>
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
  const initialPause = spec.initialPause?.(settings)
  return Object.freeze({
    id,
    title: spec.title,
    priority: spec.priority,
    settings,
    ...(off === undefined ? {} : { off }),
    ...(initialPause === undefined ? {} : { initialPause }),
    schedule,
    spreadMs: clockOf(schedule) ? milliseconds(spec.spread ?? '1 minute') : 0,
    upstream: upstreams[0] as string,
    upstreams,
    inputs: spec.inputs ?? [],
    follows: spec.follows ?? [],
    history: Object.fromEntries(
      Object.entries(spec.history ?? {}).map(([kind, keepFor]) => [kind, milliseconds(keepFor)]),
    ),
    ...(spec.upstreamInterval === undefined
      ? {}
      : { upstreamIntervalMs: milliseconds(spec.upstreamInterval) }),
    freshness: freshnessPolicy(`${where}.freshness`, freshness, spec.stored),
    revalidateWithinMs: milliseconds(freshness.revalidateWithin ?? '10 minutes'),
    run,
    stored: spec.stored,
    ...(spec.keys === undefined ? {} : { keys: spec.keys }),
    envelope: spec.envelope,
    reads: spec.reads,
    params: spec.params ?? {},
    submits: checkSubmits(where, from(spec.submits ?? []), run.mode),
    aliases: spec.aliases ?? [],
    taskPrefix: spec.taskPrefix ?? `${id}-`,
    triggerNames: triggerNames(id, spec.triggerNames ?? []),
    ...overridableOf(spec),
    ...(spec.overdueAfter === undefined ? {} : { overdueAfterMs: milliseconds(from(spec.overdueAfter)) }),
    failuresBeforeAlarm: expectWholeNumber(`${where}.failuresBeforeAlarm`, spec.failuresBeforeAlarm ?? 5),
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

function checkSubmits(where: string, submits: readonly SubmitRoute[], shape: RunPolicy['mode']) {
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
