import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import type { FailReason, RefreshError } from '#shared/domain/errors.ts'
import type { Params } from '#shared/domain/json.ts'
import type { Outcome } from '#shared/domain/outcome.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock, Random } from '#shared/domain/ports/clock.ts'
import type { Http } from '#shared/domain/ports/http.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { Secrets } from '#shared/domain/ports/secrets.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import type { OperatorData } from '#shared/domain/records/operator-record.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { RetentionResult } from '#shared/domain/records/retention.ts'
import type { Cause, RunRecord } from '#shared/domain/records/run-record.ts'
import type { RunStatistics } from '#shared/domain/records/run-statistics.ts'
import type { SnapshotSet, StoredSet } from '#shared/domain/records/snapshot.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { LoggedBreach, Previous, Refresh, SetSummary, Totals, UpstreamRequest } from './refresh.ts'
import type { ReviewSummary } from './review.ts'

/** The stored data that a run plans from. */
export interface StoredInputs {
  readonly inputs: ReadonlyMap<string, StoredSet>
  /** The job's own snapshot. */
  readonly ownSet?: SnapshotSet
  /** The same as its functions read it: made once, because a run has a context for each key. */
  readonly stored?: StoredSet
  /** The job's own items under the keys of the plan, if it was made from them: the records, and as its functions read them. */
  readonly ownItems?: ReadonlyMap<string, Item>
  readonly storedItems: ReadonlyMap<string, Previous>
  /** Those that the source does not have, and when it said so. */
  readonly absentItems: ReadonlyMap<string, number>
  readonly operatorData: ReadonlyMap<string, OperatorData>
  /** The items of its inputs, by job and key. */
  readonly inputItems: ReadonlyMap<string, ReadonlyMap<string, Previous>>
  /** Keys whose own stored value is simulated. */
  readonly simulatedKeys: ReadonlySet<string>
  /** Keys whose value rests on simulated items of inputs, and so is simulated whatever its provider is. */
  readonly simulatedInputKeys: ReadonlySet<string>
}

/** Side effects of the engine. */
export interface Ports {
  readonly clock: Clock
  readonly random: Random
  readonly http: Http
  readonly store: Store
  readonly bus: Bus
  readonly secrets: Secrets
  readonly log: Log
}

/** One job, ready to run: declaration, functions, providers, ports. */
export interface Work<V> {
  readonly job: Job
  readonly refresh: Refresh<V, string>
  /** The job's first provider; `undefined` for a derived job. */
  readonly upstream?: Upstream
  /** Further providers that a request may name. */
  readonly otherUpstreams?: readonly Upstream[]
  readonly ports: Ports
  /** Of a job that declares `retains`. */
  readonly retention?: RetentionWork
}

/** Deletes what is older than its retention, and counts the rest, until a time in milliseconds since the epoch. */
export type RetentionWork = (until: number) => Promise<RetentionResult>

/** A job and the provider that it calls. */
export type ProviderWork<V> = Work<V> & { readonly upstream: Upstream }

/** Who supplies a value: the provider, or a derived job itself. */
export function sourceName({ job, upstream }: Pick<Work<unknown>, 'job' | 'upstream'>): string {
  return upstream?.name ?? job.id
}

/** A request for a run. Times are milliseconds since the epoch. */
export interface RunRequest {
  readonly cause: Cause
  /** Scheduled time, of a tick only. */
  readonly tick?: number
  /** One key to refresh; by default, the whole plan. */
  readonly key?: string
  /** Parameters of the run. */
  readonly params?: Params
  /** The id that an operator was promised; by default, it follows from the tick or the event. */
  readonly runId?: string
  /** Id of the run of an input that was published: all deliveries of that event cause one run. */
  readonly input?: string
  /** The requesting event of the bus; for a refreshed input, the id and the end of the input's run. */
  readonly event?: { readonly id: string; readonly at: number }
  /** When the invocation ends, even if the job's deadline is later. */
  readonly stopBy?: number
}

/**
 * Result of one key of the plan. `freshUntil` follows from the last confirmation of the value that is stored now, whatever
 * its age; `asOf` is the source's own time of that value.
 */
export type KeyResult =
  | {
      readonly key: string
      readonly status: 'published' | 'unchanged' | 'superseded'
      readonly freshUntil: number
      readonly asOf?: number
      /** The times of the source, of an answer that was not taken because the stored value is newer. */
      readonly ignored?: { readonly storedAsOf: number; readonly fetchedAsOf: number }
    }
  | {
      readonly key: string
      readonly status: 'failed'
      readonly error: RefreshError
      readonly freshUntil?: number
      readonly asOf?: number
    }

/** Why the next run has to continue the work of this one, which is partial. */
export type Unfinished = Pick<RefreshError, 'reason' | 'message'>

/**
 * A run between two steps: plain data, to which each step adds. The first step that sets `outcome` ends the sequence;
 * then the outcome is recorded.
 */
export interface RunState {
  readonly record: RunRecord
  readonly request: RunRequest
  /** No call starts after this time. */
  readonly deadline: number
  /** Whether the record is stored. */
  readonly hasRecord: boolean
  /** The provider's stored state at the start of the run. */
  readonly upstreamState?: UpstreamState
  /** Current version of the secret, when the provider has refused one: a newer one may be tried. */
  readonly secretVersion?: string
  /** Why a provider may not be called, of a run that is skipped for it. */
  readonly blockedBy?: FailReason
  /** Operators' overrides of the declaration. */
  readonly overrides?: Overrides
  readonly fence?: number
  /** Statistics of the job's earlier runs; set with the lease of the whole job. */
  readonly statistics?: RunStatistics
  /** The stored data that the run plans from. */
  readonly storedInputs?: StoredInputs
  readonly plan?: readonly UpstreamRequest[]
  /** What the run deleted and counted, of a job that declares `retains`. */
  readonly retention?: RetentionResult
  readonly unfinished?: Unfinished
  /** Whether the run answers from what is stored, without any call. */
  readonly reusesStored?: boolean
  readonly results?: readonly KeyResult[]
  readonly attempts: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** Responses of upstreams that took longer than five seconds. */
  readonly slow: number
  /** The job's log fields of the published set. */
  readonly setLogFields?: SetSummary['logFields']
  /** The job's log message: for the first valid value, or for a plan without requests. */
  readonly logMessage?: string
  /** Sums over its values, for the log line. */
  readonly totals?: Totals
  /** The largest count of its own minute that a provider reported, in its own unit. */
  readonly usedWeight?: number
  /** What could not be used of the answers. */
  readonly review?: ReviewSummary
  /** Conditions that its values show. */
  readonly breaches?: readonly LoggedBreach[]
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

/** Causes that any later run fulfils; an operator always gets a run, and a refreshed input one that began after it. */
const COALESCABLE_CAUSES: readonly Cause[] = ['stale-read', 'cold-read', 'first-run']

/** Whether data confirmed at `at` already fulfil the request of an event. */
export function isAlreadyRefreshed({ cause, event }: RunRequest, at: number): boolean {
  return event !== undefined && COALESCABLE_CAUSES.includes(cause) && at > event.at
}
