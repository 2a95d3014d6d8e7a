import type { Duration } from '#shared/domain/duration.ts'
import type { FreshnessSpec, Overridable, RunSpec } from './job-policies.ts'
import {
  checkAlias,
  checkLive,
  checkRoute,
  type OperationAlias,
  type Parameter,
  type Route,
  type SubmitRoute,
} from './route.ts'
import type { Timing } from './schedule.ts'
import type { SettingsTable, SettingValues } from './settings.ts'
import { expectMatch, expectOneOf, rejectUnknownKeys } from './validation.ts'

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
  readonly initialPause?: (settings: SettingValues<S>) => string | undefined
  /** When it runs; `onDemand()` for when it is asked. */
  readonly schedule: FromSettings<S, Timing>
  /** How late the scheduler may start a tick; one minute unless said, and of use with a schedule only. */
  readonly spread?: Duration
  /** Its provider, or several: in order of preference where one of them answers for all. */
  readonly upstream: FromSettings<S, string | readonly string[]>
  /** Jobs whose snapshots it reads to plan and to parse. One that is published wakes it while its own data are missing or overdue. */
  readonly inputs?: readonly string[]
  /** Those of its inputs of which each publication is followed by a run, beside its schedule. */
  readonly follows?: readonly string[]
  /** Rows that it keeps of the past, by kind, and for how long. */
  readonly history?: Readonly<Record<string, Duration>>
  /** How often the upstream itself has something new, where that is known: asking more often is warned of. */
  readonly upstreamInterval?: Duration
  readonly freshness: FromSettings<S, FreshnessSpec>
  readonly run: FromSettings<S, RunSpec>
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
  readonly submits?: FromSettings<S, readonly SubmitRoute[]>
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
  readonly overdueAfter?: FromSettings<S, Duration>
  /** How many runs may fail in a row before somebody is called; five unless said. */
  readonly failuresBeforeAlarm?: number
  /** How long all of its providers may be left alone before somebody is called; an hour unless said. */
  readonly coolingBeforeAlarm?: Duration
}

/** A value, or how it follows from the settings. */
export type FromSettings<S extends SettingsTable, T> = T | ((settings: SettingValues<S>) => T)

/** How jobs, providers and kinds of rows are named. */
export const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

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
 * Checks what of a declaration does not follow from its settings.
 *
 * @throws {TypeError} for an unknown key, a bad name, an illegal value: naming the place, expected and got
 */
export function checkJobSpec<S extends SettingsTable>(where: string, spec: JobSpec<S>): void {
  rejectUnknownKeys(where, spec, SPEC_KEYS)
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
}
