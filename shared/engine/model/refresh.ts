import type { Job } from '#shared/declare/job.ts'
import type { ReportedBreach } from '#shared/domain/conditions.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { JsonValue, Params } from '#shared/domain/json.ts'
import type { Counts } from '#shared/domain/outcome.ts'
import type { OperatorData } from '#shared/domain/records/operator-record.ts'
import type { RetentionResult } from '#shared/domain/records/retention.ts'
import type { Cause } from '#shared/domain/records/run-record.ts'
import type { StoredSet } from '#shared/domain/records/snapshot.ts'
import type { Review } from './review.ts'

/** One call to the upstream: the path is appended to a base URL, each query value is encoded once. */
export interface Call {
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /**
   * Sent as JSON in a POST; without it, the call is a GET. Such a call is never conditional, and is repeated like any
   * other: only for requests that change nothing at the provider.
   */
  readonly body?: JsonValue
  /** A call without retries; when it fails, its body is `null` and the request goes on. */
  readonly optional?: boolean
}

/** A provider and the calls to it. */
export interface Source {
  readonly upstream: string
  readonly calls: readonly Call[]
}

/**
 * The request for one key: its calls, made in order, whose bodies are parsed together. Without calls, the value is
 * computed from what is stored.
 */
export interface UpstreamRequest {
  readonly key: string
  readonly calls: readonly Call[]
  /** Why its calls are left to a later run: the key fails with `quota-exhausted`, and the stored value stays. */
  readonly postponed?: string
  /** The job's first provider by default. */
  readonly upstream?: string
  /** Tried one after the other when the provider does not answer: one of them answers all calls. */
  readonly fallbacks?: readonly Source[]
}

/** A plan without requests, and why: the message of the skipped run and of its log line. */
interface NothingToDo {
  readonly nothingToDo: string
}

/** Inputs of a plan. Times are milliseconds since the epoch. */
export interface PlanContext {
  readonly job: Job
  readonly now: number
  /** Why the run was requested: a tick may leave out what an earlier one has fetched, an operator expects all of it. */
  readonly cause: Cause
  /** The one key to refresh, in a run of a single key. */
  readonly key?: string
  /** Operators' override of the keys to refresh; requests for other keys are removed from the plan. */
  readonly items?: readonly string[]
  readonly params: Params
  /** The declared inputs that are snapshots, by job; a dataset that is not published yet is absent. */
  readonly inputs: ReadonlyMap<string, StoredSet>
  /** The job's own stored snapshot. */
  readonly stored?: StoredSet
  /** The declared data of operators, by name; absent before the first change and once erased. */
  readonly operatorData: ReadonlyMap<string, OperatorData>
  /** The job's own stored items, by key: those of {@link Refresh.keys}. */
  readonly storedItems: ReadonlyMap<string, Previous>
  /** Those keys of the plan that the source does not have, and when it said so. */
  readonly absentItems: ReadonlyMap<string, number>
  /** The declared inputs that are items, by job and key: those of {@link Refresh.keys} that may still be served. */
  readonly inputItems: ReadonlyMap<string, ReadonlyMap<string, Previous>>
  /** The same under the keys of {@link Refresh.indexKeys}. */
  readonly index: Index
}

/** Stored items that decide which keys a run has, such as a list of projects: the job's own, and those of its inputs. */
export type Index = Pick<PlanContext, 'storedItems' | 'inputItems'>

/** Inputs of {@link Refresh.indexKeys}: what can be read before any key is known. */
type IndexKeysContext = Omit<PlanContext, 'storedItems' | 'absentItems' | 'inputItems' | 'index'>

/** Inputs of {@link Refresh.keys} and {@link Refresh.laterRequests}: what can be read before their keys are known. */
type KeysContext = IndexKeysContext & Pick<PlanContext, 'index'>

/** A value does not depend on the index: whether it is simulated follows from what is stored under its own key. */
export interface ParseContext extends Omit<PlanContext, 'key' | 'items' | 'index'> {
  readonly key: string
  /** The provider that answered; for a request without calls the job's first one, or the id of a derived job. */
  readonly upstream: string
  /** The stored value of the key, if there is one. */
  readonly previous?: Previous
  /** What this run has deleted and counted, of a job that declares `retains`. */
  readonly retention?: RetentionResult
}

/** A stored value, with its times. */
export interface Previous {
  readonly data: JsonValue
  /** The job's own memory, as {@link ItemBody.memory}. */
  readonly memory?: JsonValue | undefined
  readonly asOf: number
  readonly checkedAt: number
}

/** A value that an earlier run rejected after the stored one was last confirmed. */
interface EarlierRejection<V> {
  readonly value: V
  readonly at: number
}

export interface AcceptContext<V> extends ParseContext {
  readonly rejected?: EarlierRejection<V>
}

/** Whether a parsed value may replace the stored one; the message has the expected and the actual value. */
export type Verdict = { readonly accepted: true } | { readonly accepted: false; readonly message: string }

/** One value ready to be rendered. */
export interface ItemBody {
  readonly data: JsonValue
  /**
   * What the entity tag is computed from in place of `data`: data without what changes although the content stays, such as
   * signatures in addresses. While it is equal, newer data replace the stored ones as unchanged. Items only.
   */
  readonly identity?: JsonValue
  /** The source's own time, milliseconds since the epoch. */
  readonly asOf: number
  /** Whether parts are missing and therefore `null`. */
  readonly degraded: boolean
  /** Whether a valid answer has no data: rejected unless the job declares `emptyFor`. */
  readonly isEmpty?: boolean
  /** Rows of history, written before the value; a repetition writes them under the same keys. */
  readonly history?: readonly HistoryEntry[]
  /** What the job keeps for its next run and never serves, such as the bars of an indicator. Items only. */
  readonly memory?: JsonValue
}

/** The values of one request: members of a snapshot. */
export interface Members {
  readonly bodies: readonly (ItemBody & { readonly key: string })[]
  /** Expected members that the answer does not have, with the reason: they count as failed. */
  readonly missing: readonly { readonly key: string; readonly message: string }[]
}

/** A set that is published next, or is stored. */
interface SetContext<V> {
  readonly job: Job
  readonly now: number
  readonly params: Params
  /** The provider that answered. */
  readonly upstream: string
  /** All its members by key, those that were carried forward included. */
  readonly entries: ReadonlyMap<string, { readonly data: JsonValue; readonly asOf: number }>
  /** The values that this run parsed. */
  readonly values: readonly V[]
  /** The set that it replaces. */
  readonly previous?: StoredSet
}

/** The job's data about a whole set; `K` are the kinds of its history rows. */
export interface SetSummary<K extends string = string> {
  /** Published together with the entries. */
  readonly head: JsonValue
  /** Rows of history, written before the set; a repetition writes them under the same keys. */
  readonly history?: readonly HistoryEntry<K>[]
  /** Warnings to log once the set is published. */
  readonly warnings?: readonly SetWarning[]
  /** Fields of the run's log line. */
  readonly logFields?: Readonly<Record<string, string | number>>
}

/** A warning about a set: its message, and the figures of it as fields of the log line. */
export interface SetWarning {
  readonly message: string
  readonly logFields?: Readonly<Record<string, string | number>>
}

/** One row of history, of a declared kind. */
export interface HistoryEntry<K extends string = string> {
  readonly kind: K
  readonly entity: string
  /** Time of the row, and its sort key within the entity. */
  readonly at: number
  readonly data: JsonValue
}

/** Inputs of a task's result. */
interface ResultContext<V> extends SetContext<V> {
  readonly head: JsonValue
  readonly startedAt: number
  readonly isPartial: boolean
}

/** Maximum number of calls of one run to one provider. */
export interface MaxCalls {
  /** Calls that are retried up to the job's attempts. */
  readonly retried: number
  /** Optional calls, which are not retried. */
  readonly once: number
  /**
   * Calls of a day without failures, of a job whose `plan` asks for the oldest data first and in most runs for none. Its runs
   * spend what the limits of the provider leave, so that more calls than these make the data older.
   */
  readonly perDay?: number
}

/**
 * How a job refreshes: its requests, its parser, its validation, its content. Pure functions of their arguments. `V` must
 * be convertible to JSON and back; `K` are the kinds of history rows that {@link summarizeSet} writes, none by default.
 */
export interface Refresh<V, K extends string = never> {
  /** Raise it when the rendered body changes for the same payload. */
  readonly renderVersion: number
  /** The kinds of history rows that it writes: exactly those of the declaration's `history`. */
  readonly historyKinds?: readonly K[]
  /**
   * The keys of the items that decide which keys the run has: they are read first, whichever key is requested, and
   * {@link keys} and {@link plan} get them as `index`.
   */
  indexKeys?(context: IndexKeysContext): readonly string[]
  /**
   * The keys of a plan that depends on what is stored under them: the job's own items and those of its inputs are then
   * read before {@link plan}, whose order of requests is kept.
   */
  keys?(context: KeysContext): readonly string[]
  /**
   * The requests; `'stored'` to answer from what is stored, without any call. Without requests the run is skipped, with the
   * documented message of {@link NothingToDo} if there is one.
   */
  plan(context: PlanContext): readonly UpstreamRequest[] | 'stored' | NothingToDo
  /**
   * Requests that follow from what the run has published: they are made after those of the plan, which may be empty, with
   * what is stored under {@link indexKeys} by then as `index`. Plain runs that store items, and no run of one key; with
   * {@link maxCalls}.
   */
  laterRequests?(context: KeysContext): readonly UpstreamRequest[]
  /** Further calls that follow from the bodies, such as the next page; an empty list ends the request. */
  nextCalls?(bodies: readonly (object | null)[], context: Omit<ParseContext, 'previous'>): readonly Call[]
  /** @throws for a body that does not match its schema: the request fails `malformed` */
  parse(bodies: readonly (object | null)[], context: ParseContext): V
  accept(value: V, context: AcceptContext<V>): Verdict
  /** What could not be used of an accepted value: lost rows, and lists that are not believed. */
  review?(value: V, context: ParseContext): Review
  /** The one value of a request. A job that stores a snapshot may define {@link members} instead. */
  item?(value: V, context: ParseContext): ItemBody
  members?(value: V, context: ParseContext): Members
  /** Whether a run with these parameters updates only its own members: the others and the times of the set stay. */
  isPartialUpdate?(params: Params): boolean
  /** Data about a snapshot as a whole. */
  summarizeSet?(set: SetContext<V>): SetSummary<K>
  /** The pages of a task's result; by default, the counts of its run. */
  result?(result: ResultContext<V>): readonly JsonValue[]
  /** Maximum number of calls of a whole run by provider, for the quota check, when the plan does not determine it. */
  maxCalls?(job: Job): Readonly<Record<string, MaxCalls>>
  /** Whether `accept` compares with the value that an earlier run rejected; costs one more read per key. */
  readonly comparesRejected?: boolean
  /** Documented messages of log lines, in place of the general ones. Their figures are fields of the lines too. */
  readonly logMessages?: LogMessages<V>
  /** Figures of a value, which are summed over the keys of the run. */
  totals?(value: V, context: AcceptContext<V>): Totals
  /** Conditions of the stored data that a value shows: each is a warning, and an alarm until a run succeeds without it. */
  breaches?(value: V, context: AcceptContext<V>): readonly LoggedBreach[]
  /** Log line of a run of the whole plan, of a failed one its fields only; `undefined` for the general line. */
  summarizeRun?(
    run: RunSummary,
  ): { readonly message: string; readonly logFields?: SetSummary['logFields'] } | undefined
}

/** A condition, with the message of its warning. */
export interface LoggedBreach extends ReportedBreach {
  readonly message: string
}

/** The messages of a run's log lines. The engine supplies the figures. */
interface LogMessages<V> {
  /** INFO, once a run of the whole plan has begun; without it, no line. */
  readonly start?: (run: { readonly cause: Cause }) => string
  /** WARN, before the wait for another attempt of a call; without it, no line. */
  readonly retry?: (failure: FailedAttempt) => string
  /** INFO, for a run that published: from its first valid value. */
  success?(value: V): string
  /** ERROR, for a run that failed. */
  readonly failure?: (run: { readonly attempts: number; readonly reason: FailReason }) => string
}

/** One failed attempt of a call that is made again. */
export interface FailedAttempt {
  /** Number of the attempt, from 1. */
  readonly attempt: number
  /** The largest number of attempts. */
  readonly attempts: number
  readonly reason: FailReason
  /** Time until the next attempt, in milliseconds. */
  readonly waitMs: number
}

/** Sums by name. */
export type Totals = Readonly<Record<string, number>>

/** A finished run of the whole plan. */
interface RunSummary {
  readonly counts: Counts
  readonly durationMs: number
  /** Sums over its values. */
  readonly totals: Totals
  readonly status: 'succeeded' | 'partial' | 'unchanged' | 'failed'
  /** The log fields of the published set. */
  readonly setLogFields: SetSummary['logFields']
}
