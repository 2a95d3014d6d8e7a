import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import type { RefreshError } from '#shared/domain/errors.ts'
import type { Params } from '#shared/domain/json.ts'
import type { Outcome } from '#shared/domain/outcome.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock, Random } from '#shared/domain/ports/clock.ts'
import type { Http } from '#shared/domain/ports/http.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { Secrets } from '#shared/domain/ports/secrets.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import type { Cause, RunRecord } from '#shared/domain/records/run-record.ts'
import type { RunStatistics } from '#shared/domain/records/run-statistics.ts'
import type { SnapshotSet, StoredSet } from '#shared/domain/records/snapshot.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { Refresh, SetSummary, Totals, UpstreamRequest } from './refresh.ts'

/** What a run finds stored before it plans. */
export interface StoredInputs {
  readonly inputs: ReadonlyMap<string, StoredSet>
  /** The job's own set, where it stores one. */
  readonly ownSet?: SnapshotSet
}

/** The world as the engine sees it. */
export interface Ports {
  readonly clock: Clock
  readonly random: Random
  readonly http: Http
  readonly store: Store
  readonly bus: Bus
  readonly secrets: Secrets
  readonly log: Log
}

/** One job, ready to run: what it declares, how it refreshes, where from. */
export interface Work<V> {
  readonly job: Job
  readonly refresh: Refresh<V>
  /** The provider that is asked first. */
  readonly upstream: Upstream
  /** Those that a request may name beside it. */
  readonly otherUpstreams?: readonly Upstream[]
  readonly ports: Ports
}

/** Who asks for a run, and why. Times are milliseconds since the epoch. */
export interface RunRequest {
  readonly cause: Cause
  /** Scheduled time, of a tick only. */
  readonly tick?: number
  /** One key in place of the whole plan. */
  readonly key?: string
  /** What was asked for beside the job. */
  readonly params?: Params
  /** The id that an operator was promised; else it follows from the tick or the event. */
  readonly runId?: string
  /** The run of an input that was published: it asks for one run, however often that is told. */
  readonly input?: string
  /** The event that asked, for what came over the bus; in place of it the run of an input, and when that ended. */
  readonly event?: { readonly id: string; readonly at: number }
  /** The invocation ends then, whatever the job's own deadline says. */
  readonly stopBy?: number
}

/** What became of one key of the plan. */
export type KeyResult =
  | {
      readonly key: string
      readonly result: 'published' | 'unchanged' | 'superseded'
      readonly freshUntil: number
    }
  | {
      readonly key: string
      readonly result: 'failed'
      readonly error: RefreshError
      readonly freshUntil?: number
    }

/**
 * A run between two steps: plain data, each step adds to it. The first step that sets `outcome` ends the sequence;
 * `record` writes it down.
 */
export interface RunState {
  readonly record: RunRecord
  readonly request: RunRequest
  /** Time after which nothing is fetched any more. */
  readonly deadline: number
  /** Whether the record stands in the table. */
  readonly hasRecord: boolean
  /** What the table knew of the provider when the run began. */
  readonly upstreamState?: UpstreamState
  /** Of the secret, where the provider has refused one: a newer one may be tried. */
  readonly secretVersion?: string
  /** What operators hold in place of the declaration. */
  readonly overrides?: Overrides
  readonly fence?: number
  /** What the job's earlier runs add up to; known with the lease on the job. */
  readonly statistics?: RunStatistics
  /** What the run found stored before it planned. */
  readonly storedInputs?: StoredInputs
  readonly plan?: readonly UpstreamRequest[]
  /** What is stored is the answer: nothing is asked. */
  readonly reusesStored?: boolean
  readonly results?: readonly KeyResult[]
  readonly attempts: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** What the job tells of the set that it published, for the log line. */
  readonly setLogFields?: SetSummary['logFields']
  /** What the job says of its value, for the log line. */
  readonly logMessage?: string
  /** What its values add to the figures, for the log line. */
  readonly totals?: Totals
  /** The most that a provider counted of its own minute, in its own unit. */
  readonly usedWeight?: number
  readonly outcome?: Outcome
}

/** A run that has its lease. */
export type LeasedRun = RunState & { readonly fence: number }

/** A run that has its lease and its plan. */
export type PlannedRun = LeasedRun & {
  readonly plan: readonly UpstreamRequest[]
  readonly storedInputs: StoredInputs
}

export type RunStep = <V>(state: RunState, work: Work<V>) => Promise<RunState>
