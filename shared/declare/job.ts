import { defined } from '#shared/domain/defined.ts'
import type { Duration } from '#shared/domain/duration.ts'
import type { FreshnessPolicy } from '#shared/domain/freshness.ts'
import { checkGrid, checkJobSpec, checkOverridable, checkResolved } from './job-checks.ts'
import {
  freshnessPolicy,
  memberMs,
  type Overridable,
  overridableOf,
  type RunPolicy,
  runPolicy,
} from './job-policies.ts'
import type { EnvelopeName, FromSettings, JobSpec } from './job-spec.ts'
import type { OperationAlias } from './operation-alias.ts'
import type { Parameter, Route, SubmitRoute } from './route.ts'
import { clockOf, type Timing } from './schedule.ts'
import {
  changedSettings,
  SettingsError,
  SettingsRecorder,
  type SettingsTable,
  type SettingTexts,
  type SettingValues,
  settingValues,
} from './settings.ts'
import {
  DeclarationError,
  evaluateMember,
  expectMatch,
  expectOneOf,
  expectWholeNumber,
  KEBAB,
} from './validation.ts'

/** A job's declaration: checked plain data, cheap to import. {@link resolveJob} applies settings to it. */
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
  /** The values of its settings: {@link SettingValues} of its own table. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The names of the settings from which a member of the declaration is computed, for messages: by member. */
  readonly computedFrom: Readonly<Record<string, readonly string[]>>
  readonly off?: string
  /** Why it is paused until an operator decides otherwise. */
  readonly initialPause?: string
  readonly schedule: Timing
  readonly spreadMs: number
  /** The preferred one; `undefined` for a derived job. */
  readonly upstream?: string
  /** All of them, in order of preference. */
  readonly upstreams: readonly string[]
  /** All jobs whose data it reads. */
  readonly inputs: readonly string[]
  /** Those of its inputs that store items. */
  readonly itemInputs: readonly string[]
  /** Those of which its views read items. */
  readonly viewInputs: readonly string[]
  readonly follows: readonly string[]
  readonly operatorData: readonly string[]
  /** How long history rows are kept, in milliseconds by kind. */
  readonly history: Readonly<Record<string, number>>
  /** What its runs delete once it is older than its retention: the history rows of all jobs. */
  readonly retains?: 'history'
  readonly upstreamIntervalMs?: number
  readonly freshness: FreshnessPolicy
  readonly revalidateWithinMs: number
  readonly run: RunPolicy
  readonly stored: 'items' | 'snapshot'
  readonly keys?: Parameter
  readonly coldFillsPerMinute?: number
  readonly envelope: EnvelopeName
  readonly reads: readonly Route[]
  readonly params: Readonly<Record<string, string | number | boolean | null>>
  readonly submits: readonly SubmitRoute[]
  readonly aliases: readonly OperationAlias[]
  readonly taskPrefix: string
  /** All names under which operators may trigger it, apart from its id. */
  readonly triggerNames: readonly string[]
  readonly overridable: readonly Overridable[]
  /** Settings that operators may override. */
  readonly overridableSettings: SettingsTable
  readonly overdueAfterMs?: number
  readonly failuresBeforeAlarm: number
  readonly coolingBeforeAlarmMs: number
}

/** Whether items are stored as bare records: a view makes the response of every route, and no stored body is served as is. */
export function storesRecords({ reads }: Pick<Job, 'reads'>): boolean {
  return reads.length > 0 && reads.every(({ view }) => view !== undefined)
}

/**
 * Declares a job. Everything is checked here, with the defaults of its settings.
 *
 * @throws {DeclarationError} for an unknown key, a bad unit or an illegal value; the message names the job and the member
 * @example
 * export const job = defineJob({ id: 'global-market', schedule: every('10 minutes'), upstream: 'coingecko', ... })
 */
export function defineJob<const S extends SettingsTable>(spec: JobSpec<S>): JobDeclaration {
  const where = `job ${JSON.stringify(spec.id)}`
  return evaluateMember(where, () => {
    checkJobSpec(where, spec)
    const declaration: JobDeclaration = Object.freeze({
      id: spec.id,
      settings: spec.settings,
      // The compiler has checked the settings that the functions use; the type of a list of declarations cannot express it.
      spec: Object.freeze(spec) as unknown as JobSpec<SettingsTable>,
    })
    checkOverridable(`${where}.overridable`, declaration.spec, (settings) =>
      applySettings(declaration, settings),
    )
    return declaration
  })
}

/**
 * Applies settings to a declaration.
 *
 * @throws {SettingsError} for illegal values, and for legal ones that make another member illegal
 */
export function resolveJob(declaration: JobDeclaration, texts: SettingTexts): Job {
  const changed = Object.keys(changedSettings(declaration.settings, texts))
  try {
    const job = applySettings(declaration, settingValues(declaration.settings, texts))
    if (changed.length > 0)
      checkGrid(job, () => applySettings(declaration, settingValues(declaration.settings, {})))
    return job
  } catch (error) {
    if (!(error instanceof TypeError) || changed.length === 0) throw error
    throw new SettingsError([{ name: changed.join(', '), message: error.message }], { cause: error })
  }
}

function applySettings({ id, spec }: JobDeclaration, settings: SettingValues<SettingsTable>): Job {
  const where = `job ${JSON.stringify(id)}`
  const computedFrom: Record<string, readonly string[]> = {}
  const from = <T>(member: string, value: FromSettings<SettingsTable, T>): T => {
    if (typeof value !== 'function') return value
    const recorder = new SettingsRecorder(settings)
    const compute = value as (values: typeof settings) => T
    const computed = evaluateMember(`${where}.${member}`, () => compute(recorder.settings))
    computedFrom[member] = recorder.names
    return computed
  }
  const among = possibleUpstreams(spec)
  const selected = from('upstream', isSelected(spec.upstream) ? spec.upstream.select : among)
  const upstreams = upstreamNames(`${where}.upstream`, selected, among, spec)
  const schedule = from('schedule', spec.schedule)
  const run = from('run', spec.run)
  const freshnessSpec = from('freshness', spec.freshness)
  const submits = from('submits', spec.submits ?? [])
  const history = from('history', spec.history ?? {})
  const aliases = from('aliases', spec.aliases ?? [])
  checkResolved(where, spec, { schedule, run, freshness: freshnessSpec, submits, history, aliases })
  const { revalidateWithinMs, ...freshness } = freshnessPolicy(`${where}.freshness`, freshnessSpec)
  return Object.freeze({
    id,
    title: spec.title,
    priority: spec.priority,
    settings,
    computedFrom,
    schedule,
    spreadMs: clockOf(schedule) ? memberMs(where, 'spread', spec.spread ?? '1 minute') : 0,
    upstreams,
    ...inputsOf(spec),
    viewInputs: spec.viewInputs ?? [],
    follows: spec.follows ?? [],
    operatorData: spec.operatorData ?? [],
    history: historyMs(`${where}.history`, history),
    freshness,
    revalidateWithinMs,
    run: runPolicy(`${where}.run`, run),
    stored: spec.stored,
    envelope: spec.envelope,
    reads: spec.reads,
    params: spec.params ?? {},
    submits,
    aliases,
    taskPrefix: spec.taskPrefix ?? `${id}-`,
    triggerNames: triggerNames(id, spec.triggerNames ?? []),
    ...overridableOf(spec),
    failuresBeforeAlarm: expectWholeNumber(`${where}.failuresBeforeAlarm`, spec.failuresBeforeAlarm ?? 5),
    coolingBeforeAlarmMs: memberMs(where, 'coolingBeforeAlarm', spec.coolingBeforeAlarm ?? '1 hour'),
    ...defined({
      upstream: upstreams[0],
      off: from('off', spec.off),
      initialPause: from('initialPause', spec.initialPause),
      keys: spec.keys,
      retains: spec.retains,
      coldFillsPerMinute: spec.coldFillsPerMinute,
      upstreamIntervalMs: optionalMs(where, 'upstreamInterval', spec.upstreamInterval),
      overdueAfterMs: optionalMs(where, 'overdueAfter', from('overdueAfter', spec.overdueAfter)),
    }),
  })
}

function optionalMs(where: string, member: string, duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : memberMs(where, member, duration)
}

function inputsOf({ inputs = [] }: Pick<JobSpec<SettingsTable>, 'inputs'>) {
  return {
    inputs: inputs.map((input) => (typeof input === 'string' ? input : input.items)),
    itemInputs: inputs.flatMap((input) => (typeof input === 'string' ? [] : [input.items])),
  }
}

/** The names of all providers that a job may have under some settings. */
export function possibleUpstreams({
  upstream = [],
}: Pick<JobSpec<SettingsTable>, 'upstream'>): readonly string[] {
  if (isSelected(upstream)) return upstream.among
  return typeof upstream === 'string' ? [upstream] : upstream
}

function isSelected(
  upstream: JobSpec<SettingsTable>['upstream'],
): upstream is Extract<JobSpec<SettingsTable>['upstream'], { select: unknown }> {
  return typeof upstream === 'object' && 'select' in upstream
}

function upstreamNames(
  where: string,
  names: readonly string[],
  among: readonly string[],
  { inputs = [], retains }: Pick<JobSpec<SettingsTable>, 'inputs' | 'retains'>,
): readonly string[] {
  if (names.length === 0 && inputs.length === 0 && retains === undefined)
    throw new DeclarationError(`${where}: expected at least one, or inputs to derive from; got neither`)
  for (const name of names) {
    expectMatch(where, name, KEBAB, 'the name of an upstream')
    expectOneOf(where, name, among)
  }
  return names
}

function historyMs(where: string, history: Readonly<Record<string, Duration>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(history).map(([kind, keepFor]) => [kind, memberMs(where, kind, keepFor)]),
  )
}

function triggerNames(id: string, declared: readonly string[]): readonly string[] {
  const names = new Set([id.replaceAll('-', '_'), ...declared])
  names.delete(id)
  return [...names]
}
