import type { Duration } from '#shared/domain/duration.ts'
import type { FreshnessSpec, Overridable, RunSpec } from './job-policies.ts'
import type { OperationAlias } from './operation-alias.ts'
import type { Parameter, Route, SubmitRoute } from './route.ts'
import type { Timing } from './schedule.ts'
import type { SettingsTable, SettingValues } from './settings.ts'

/** The documented envelopes of bodies and errors. */
export type EnvelopeName = 'success' | 'plain' | 'status' | 'code' | 'message'

/** An input: the id of a job that stores a snapshot, or of one that stores items. */
type InputSpec = string | { readonly items: string }

/** Providers of which settings select some, in order of preference. */
interface SelectedUpstreams<S extends SettingsTable> {
  /** All that can be selected: the bundle of the job has no others. */
  readonly among: readonly string[]
  readonly select: (settings: SettingValues<S>) => readonly string[]
}

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
  /**
   * Its provider; several in order of preference, where each of them can answer for all; or those that settings select.
   * A derived job has none: it computes its data from its inputs.
   */
  readonly upstream?: string | readonly string[] | SelectedUpstreams<S>
  /**
   * Jobs whose data it reads to plan and to parse: a snapshot as a whole, items by the keys of its own plan. A publication
   * of one triggers a run while the job's own data are missing or overdue.
   */
  readonly inputs?: readonly InputSpec[]
  /**
   * Jobs that store items, some of which its views add to their responses. They are no inputs of its runs: their
   * publications trigger nothing, so that such a job may have this one as an input.
   */
  readonly viewInputs?: readonly string[]
  /** Those of its inputs of which each publication triggers a run, in addition to the schedule. */
  readonly follows?: readonly string[]
  /** Names of the data of operators that it reads to plan and to parse, such as `positions`. */
  readonly operatorData?: readonly string[]
  /** Kinds of history rows, and how long each is kept. */
  readonly history?: FromSettings<S, Readonly<Record<string, Duration>>>
  /**
   * What its runs delete once it is older than its declared time: the history rows of all jobs. Its `parse` gets the result
   * as `retention`. Plain runs and items only; it needs no provider and no inputs.
   */
  readonly retains?: 'history'
  /** How often the upstream updates its data, if known: a shorter interval of ours causes a warning. */
  readonly upstreamInterval?: Duration
  readonly freshness: FromSettings<S, FreshnessSpec>
  readonly run: FromSettings<S, RunSpec>
  /** `items`: each key on its own. `snapshot`: the whole set at one moment. */
  readonly stored: 'items' | 'snapshot'
  /** The form of its keys, where its reads declare none: each of them has a view that selects them. Items only. */
  readonly keys?: Parameter
  /**
   * Cold fills that one process of the public reads requests within a minute, counted over all jobs of the same preferred
   * provider: 1 to 30. A further reader gets status 429. By default only the limit of 30 over all jobs holds.
   */
  readonly coldFillsPerMinute?: number
  /** The documented envelope of its bodies and errors. */
  readonly envelope: EnvelopeName
  readonly reads: readonly Route[]
  /** Tasks only: the parameters of a submission, each with its default. */
  readonly params?: Readonly<Record<string, string | number | boolean | null>>
  /** Paths that submit it as a task. */
  readonly submits?: FromSettings<S, readonly SubmitRoute[]>
  /** Documented paths of operations on it. */
  readonly aliases?: FromSettings<S, readonly OperationAlias[]>
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
