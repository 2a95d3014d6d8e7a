import { type Duration, durationText } from '#shared/domain/duration.ts'
import { MAX_KEEP_MS } from '#shared/domain/freshness.ts'
import { type FreshnessSpec, memberMs, OVERRIDABLE_PARTS, type RunSpec } from './job-policies.ts'
import type { JobSpec } from './job-spec.ts'
import { checkAlias, type OperationAlias } from './operation-alias.ts'
import {
  checkColdFills,
  checkKey,
  checkLive,
  checkRoute,
  checkSubmitRoute,
  type SubmitRoute,
} from './route.ts'
import { clockOf, type Timing } from './schedule.ts'
import { SettingsRecorder, type SettingsTable, type SettingValues, settingValues } from './settings.ts'
import { DeclarationError, expectMatch, expectOneOf, KEBAB, rejectUnknownKeys } from './validation.ts'

/*
 * The checks of declarations. They run where jobs are declared, in tests, in `npm start` and at synthesis, with the
 * settings that are deployed; bundles leave them out (`infra/bundle/declaration-stub.ts`).
 */

const SPEC_KEYS = [
  'id',
  'title',
  'priority',
  'settings',
  'off',
  'initialPause',
  'schedule',
  'spread',
  'upstream',
  'inputs',
  'viewInputs',
  'follows',
  'operatorData',
  'history',
  'retains',
  'upstreamInterval',
  'freshness',
  'run',
  'stored',
  'keys',
  'coldFillsPerMinute',
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
 * Checks the members of a declaration that do not depend on its settings.
 *
 * @throws {DeclarationError} for an unknown key, a bad name or an illegal value
 */
export function checkJobSpec<S extends SettingsTable>(where: string, spec: JobSpec<S>): void {
  rejectUnknownKeys(where, spec, SPEC_KEYS)
  expectMatch(`${where}.id`, spec.id, KEBAB, 'a short kebab-case noun')
  expectMatch(`${where}.id`, spec.id, /^.{3,40}$/, '3 to 40 characters')
  expectMatch(`${where}.title`, spec.title, /\S/, 'a title')
  expectOneOf(`${where}.priority`, spec.priority, ['P0', 'P1', 'P2'])
  expectOneOf(`${where}.stored`, spec.stored, ['items', 'snapshot'])
  expectOneOf(`${where}.envelope`, spec.envelope, ['success', 'plain', 'status', 'code', 'message'])
  checkInputs(where, spec)
  if (spec.keys !== undefined && spec.stored === 'snapshot')
    throw new DeclarationError(`${where}.keys: expected only with stored: 'items', got it with 'snapshot'`)
  checkRetains(`${where}.retains`, spec)
  for (const name of spec.operatorData ?? [])
    expectMatch(`${where}.operatorData`, name, KEBAB, 'names as short kebab-case nouns')
  for (const name of Object.keys(spec.settings)) {
    expectMatch(`${where}.settings`, name, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/, 'names in UPPER_SNAKE_CASE')
  }
  for (const name of spec.triggerNames ?? []) {
    expectMatch(`${where}.triggerNames`, name, /^[a-z][a-z0-9_]{2,59}$/, 'names in lower snake_case')
  }
  spec.reads.forEach((route, index) => {
    checkRoute(`${where}.reads[${index}]`, route)
    checkKey(`${where}.reads[${index}]`, route, spec)
    checkLive(`${where}.reads[${index}].live`, route, spec)
  })
  checkColdFills(`${where}.coldFillsPerMinute`, spec.coldFillsPerMinute, {
    reads: spec.reads,
    hasUpstream: spec.upstream !== undefined && !(Array.isArray(spec.upstream) && spec.upstream.length === 0),
  })
  if (spec.taskPrefix !== undefined) {
    const expected = 'a prefix such as latest_rates_'
    expectMatch(`${where}.taskPrefix`, spec.taskPrefix, /^[a-z][a-z_-]{2,39}$/, expected)
  }
}

function checkRetains(
  where: string,
  { retains, stored }: Pick<JobSpec<SettingsTable>, 'retains' | 'stored'>,
): void {
  if (retains === undefined) return
  expectOneOf(where, retains, ['history'])
  if (stored === 'snapshot')
    throw new DeclarationError(`${where}: expected only with stored: 'items', got it with 'snapshot'`)
}

type InputMembers = Pick<JobSpec<SettingsTable>, 'inputs' | 'viewInputs' | 'follows' | 'reads'>

function checkInputs(
  where: string,
  { inputs = [], viewInputs = [], follows = [], reads }: InputMembers,
): void {
  const names = inputs.map((input) => (typeof input === 'string' ? input : input.items))
  for (const name of names) expectMatch(`${where}.inputs`, name, KEBAB, 'the id of a job')
  for (const name of viewInputs) expectMatch(`${where}.viewInputs`, name, KEBAB, 'the id of a job')
  if (viewInputs.length > 0 && reads.every(({ view }) => view === undefined))
    throw new DeclarationError(`${where}.viewInputs: expected only with a view, got it without`)
  const unknown = follows.find((input) => !names.includes(input))
  if (unknown === undefined) return
  const legal = names.join(', ') || 'none'
  throw new DeclarationError(`${where}.follows: expected one of the inputs (${legal}), got "${unknown}"`)
}

/** Members of a declaration that its settings may change. */
interface ResolvedMembers {
  readonly schedule: Timing
  readonly run: RunSpec
  readonly freshness: FreshnessSpec
  readonly submits: readonly SubmitRoute[]
  readonly history: Readonly<Record<string, Duration>>
  readonly aliases: readonly OperationAlias[]
}

/**
 * Checks the members of a declaration that depend on its settings.
 *
 * @throws {DeclarationError} for unknown keys, an unknown mode, kinds of history with bad names, freshness of single keys
 *   where a snapshot is stored, data kept for more than 366 days, an illegal submit route or alias, and members that have no
 *   effect with this schedule or mode
 */
export function checkResolved(
  where: string,
  spec: JobSpec<SettingsTable>,
  { schedule, run, freshness, submits, history, aliases }: ResolvedMembers,
): void {
  const { mode } = run
  if (spec.retains !== undefined && mode === 'task')
    throw new DeclarationError(`${where}.retains: expected only with mode: 'plain', got it with 'task'`)
  for (const kind of Object.keys(history))
    expectMatch(`${where}.history`, kind, KEBAB, 'kinds as short kebab-case nouns')
  checkRun(`${where}.run`, run)
  checkFreshness(`${where}.freshness`, freshness, spec.stored)
  checkScheduleMembers(where, schedule, spec)
  checkTaskMembers(where, mode, spec)
  aliases.forEach((alias, index) => {
    checkAlias(`${where}.aliases[${index}]`, alias, {
      mode,
      stored: spec.stored,
      hasSchedule: clockOf(schedule) !== undefined,
      overridable: spec.overridable ?? [],
      operatorData: spec.operatorData ?? [],
    })
  })
  checkSubmits(`${where}.submits`, submits, mode)
}

/**
 * Checks that settings do not change a schedule of equal gaps into another kind: the bundle of the job, which is built
 * from the defaults, could not compute its ticks.
 *
 * @param byDefault - resolves the job with the defaults of its settings
 * @throws {DeclarationError} naming the schedule
 */
export function checkGrid(
  { id, schedule }: { readonly id: string; readonly schedule: Timing },
  byDefault: () => { readonly schedule: Timing },
): void {
  const clock = clockOf(schedule)
  if (clock === undefined || clock.grid || !clockOf(byDefault().schedule)?.grid) return
  throw new DeclarationError(
    `job ${JSON.stringify(id)}.schedule: expected equal gaps, as by default, got ${clock.expression} in ${clock.zone}`,
  )
}

/** Refuses illegal submit routes, and any for a job whose runs are plain. */
function checkSubmits(where: string, submits: readonly SubmitRoute[], mode: RunSpec['mode']): void {
  submits.forEach((route, index) => {
    checkSubmitRoute(`${where}[${index}]`, route)
  })
  if (submits.length > 0 && mode !== 'task')
    throw new DeclarationError(`${where}: expected only with mode: 'task', got it with '${mode}'`)
}

/** Refuses members that have no effect on a job whose runs are plain. */
function checkTaskMembers(where: string, mode: RunSpec['mode'], spec: JobSpec<SettingsTable>): void {
  if (mode === 'task') return
  const member = (['params', 'taskPrefix'] as const).find((name) => spec[name] !== undefined)
  if (member === undefined) return
  throw new DeclarationError(`${where}.${member}: expected only with mode: 'task', got it with '${mode}'`)
}

/** Refuses members that have no effect on a job without a schedule. */
function checkScheduleMembers(where: string, schedule: Timing, spec: JobSpec<SettingsTable>): void {
  if (clockOf(schedule)) return
  const refuse = (member: string, got = 'it') => {
    throw new DeclarationError(
      `${where}.${member}: expected only with a schedule, got ${got} with onDemand()`,
    )
  }
  if (spec.spread !== undefined) refuse('spread')
  if (spec.overdueAfter !== undefined) refuse('overdueAfter')
  if (spec.overridable?.includes('interval')) refuse('overridable', "'interval'")
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
  { settings, overridable = [] }: JobSpec<SettingsTable>,
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

const RUN_KEYS = ['mode', 'deadline', 'attempts', 'backoff', 'concurrency', 'chunk', 'pace', 'coalesceFor']
const TASK_ONLY_KEYS = ['chunk', 'pace', 'coalesceFor'] as const

function checkRun(where: string, spec: RunSpec): void {
  rejectUnknownKeys(where, spec, RUN_KEYS)
  expectOneOf(`${where}.mode`, spec.mode, ['plain', 'task'])
  const taskOnly = TASK_ONLY_KEYS.find((name) => spec[name] !== undefined && spec.mode === 'plain')
  if (taskOnly !== undefined) {
    throw new DeclarationError(`${where}.${taskOnly}: expected only with mode: 'task', got it with 'plain'`)
  }
}

const FRESHNESS_KEYS = [
  'freshFor',
  'serveStaleFor',
  'keepFor',
  'maxAsOfAge',
  'jitter',
  'revalidateWithin',
  'emptyFor',
  'notFoundFor',
]
const KEY_MEMBERS = ['emptyFor', 'notFoundFor', 'jitter'] as const
const MAX_JITTER = 0.5

function checkFreshness(where: string, spec: FreshnessSpec, stored: JobSpec<SettingsTable>['stored']): void {
  rejectUnknownKeys(where, spec, FRESHNESS_KEYS)
  const ofKeys = KEY_MEMBERS.find((name) => spec[name] !== undefined)
  if (ofKeys !== undefined && stored === 'snapshot')
    throw new DeclarationError(
      `${where}.${ofKeys}: expected only with stored: 'items', got it with 'snapshot'`,
    )
  const { jitter = 0 } = spec
  if (!(jitter >= 0 && jitter <= MAX_JITTER))
    throw new DeclarationError(`${where}.jitter: expected a share from 0 to ${MAX_JITTER}, got ${jitter}`)
  const keepMs = memberMs(where, 'keepFor', spec.keepFor)
  if (keepMs <= MAX_KEEP_MS) return
  throw new DeclarationError(
    `${where}.keepFor: expected at most ${durationText(MAX_KEEP_MS)}, got ${durationText(keepMs)}`,
  )
}
