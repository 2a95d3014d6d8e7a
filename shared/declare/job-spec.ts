import type { Duration } from '#shared/domain/duration.ts'
import type { FreshnessSpec, Overridable, RunPolicy, RunSpec } from './job-policies.ts'
import {
  checkAlias,
  checkKey,
  checkLive,
  checkRoute,
  checkSubmitRoute,
  type OperationAlias,
  type Parameter,
  type Route,
  type SubmitRoute,
} from './route.ts'
import type { Timing } from './schedule.ts'
import type { SettingsTable, SettingValues } from './settings.ts'
import { DeclarationError, expectMatch, expectOneOf, KEBAB, rejectUnknownKeys } from './validation.ts'

/** The documented envelopes of bodies and errors. */
export type EnvelopeName = 'success' | 'plain' | 'status' | 'code'

/** One declared refresh, as its author writes it. */
export interface JobSpec<S extends SettingsTable> {
  /** Short kebab-case noun. */
  readonly id: string
  readonly title: string
  readonly priority: 'P0' | 'P1' | 'P2'
  readonly settings: S
  /** The reason why the job is switched off, if it is: then nothing is scheduled and no alarm is raised. */
  readonly off?: (settings: SettingValues<S>) => string | undefined
  /**
   * The reason why the job is created paused, if it is. Any decision of an operator for the job (pause, resume,
   * override) replaces it.
   */
  readonly initialPause?: (settings: SettingValues<S>) => string | undefined
  /** When it runs; `onDemand()` for a job without a schedule. */
  readonly schedule: FromSettings<S, Timing>
  /** How late the scheduler may start a tick; 1 minute by default. Only with a schedule. */
  readonly spread?: Duration
  /** Its provider; several in order of preference, where each of them can answer for all. */
  readonly upstream: FromSettings<S, string | readonly string[]>
  /**
   * Jobs whose snapshots it reads to plan and to parse. A publication of one triggers a run while the job's own data are
   * missing or overdue.
   */
  readonly inputs?: readonly string[]
  /** Those of its inputs of which each publication triggers a run, in addition to the schedule. */
  readonly follows?: readonly string[]
  /** Kinds of history rows, and how long each is kept. */
  readonly history?: Readonly<Record<string, Duration>>
  /** How often the upstream updates its data, if known: a shorter interval of ours causes a warning. */
  readonly upstreamInterval?: Duration
  readonly freshness: FromSettings<S, FreshnessSpec>
  readonly run: FromSettings<S, RunSpec>
  /** `items`: each key on its own. `snapshot`: the whole set at one moment. */
  readonly stored: 'items' | 'snapshot'
  /** The form of its keys, where its reads declare none: each of them has a view that selects them. Items only. */
  readonly keys?: Parameter
  /** The documented envelope of its bodies and errors. */
  readonly envelope: EnvelopeName
  readonly reads: readonly Route[]
  /** Tasks only: the parameters of a submission, each with its default. */
  readonly params?: Readonly<Record<string, string | number | boolean | null>>
  /** Paths that submit it as a task. */
  readonly submits?: FromSettings<S, readonly SubmitRoute[]>
  /** Documented paths of operations on it. */
  readonly aliases?: readonly OperationAlias[]
  /** Documented prefix of its task ids; its own id and a hyphen by default. */
  readonly taskPrefix?: string
  /** Further documented names under which operators may trigger it; the id with `_` is always one. */
  readonly triggerNames?: readonly string[]
  /**
   * What operators may override at run time; nothing by default. Settings named here may affect runs only, no other
   * member of the declaration.
   */
  readonly overridable?: readonly (Overridable | (keyof S & string))[]
  /** How long data may be overdue before an alarm; 2 intervals by default. */
  readonly overdueAfter?: FromSettings<S, Duration>
  /** Consecutive failed runs before an alarm; 5 by default. */
  readonly failuresBeforeAlarm?: number
  /** How long all of its providers may be in a cool-down before an alarm; 1 hour by default. */
  readonly coolingBeforeAlarm?: Duration
}

/** A value, or a function that computes it from the settings. */
export type FromSettings<S extends SettingsTable, T> = T | ((settings: SettingValues<S>) => T)

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
  'follows',
  'history',
  'upstreamInterval',
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
  expectOneOf(`${where}.envelope`, spec.envelope, ['success', 'plain', 'status', 'code'])
  checkInputs(where, spec)
  if (spec.keys !== undefined && spec.stored === 'snapshot')
    throw new DeclarationError(`${where}.keys: expected only with stored: 'items', got it with 'snapshot'`)
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
    checkKey(`${where}.reads[${index}]`, route, spec)
    checkLive(`${where}.reads[${index}].live`, route, spec)
  })
  spec.aliases?.forEach((alias, index) => {
    checkAlias(`${where}.aliases[${index}]`, alias)
  })
  if (spec.taskPrefix !== undefined) {
    const expected = 'a prefix such as latest_rates_'
    expectMatch(`${where}.taskPrefix`, spec.taskPrefix, /^[a-z][a-z_-]{2,39}$/, expected)
  }
}

function checkInputs(
  where: string,
  { inputs = [], follows = [] }: Pick<JobSpec<SettingsTable>, 'inputs' | 'follows'>,
): void {
  for (const input of inputs) expectMatch(`${where}.inputs`, input, KEBAB, 'the id of a job')
  const unknown = follows.find((input) => !inputs.includes(input))
  if (unknown === undefined) return
  const legal = inputs.join(', ') || 'none'
  throw new DeclarationError(`${where}.follows: expected one of the inputs (${legal}), got "${unknown}"`)
}

/** @throws {DeclarationError} for an illegal submit route, and for a job whose runs are plain */
export function checkSubmits(where: string, submits: readonly SubmitRoute[], mode: RunPolicy['mode']) {
  submits.forEach((route, index) => {
    checkSubmitRoute(`${where}[${index}]`, route)
  })
  if (submits.length > 0 && mode !== 'task')
    throw new DeclarationError(`${where}: expected only with mode: 'task', got it with '${mode}'`)
  return submits
}
