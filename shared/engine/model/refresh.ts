import type { Job } from '#shared/declare/job.ts'
import type { JsonValue, Params } from '#shared/domain/json.ts'
import type { Counts } from '#shared/domain/outcome.ts'
import type { StoredSet } from '#shared/domain/records/snapshot.ts'

/** One call to the upstream: the path is appended to a base URL, each query value encoded once. */
export interface Call {
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Asked once: when it fails, `null` stands among the bodies, and the others still count. */
  readonly optional?: boolean
}

/** A provider, and what to ask of it. */
export interface Source {
  readonly upstream: string
  readonly calls: readonly Call[]
}

/** What to ask for one key: its calls, made in order, whose bodies are parsed together. */
export interface UpstreamRequest {
  readonly key: string
  readonly calls: readonly Call[]
  /** Whose; the job's first provider unless said. */
  readonly upstream?: string
  /** Asked in its place, one after the other, when the provider does not answer: one of them answers for all calls. */
  readonly fallbacks?: readonly Source[]
}

/** What may be known while planning. Times are milliseconds since the epoch. */
export interface PlanContext {
  readonly job: Job
  readonly now: number
  /** The one key asked for, where a run refreshes a single key. */
  readonly key?: string
  /** What operators have it refresh in place of what it usually would; the plan is narrowed to that in any case. */
  readonly items?: readonly string[]
  readonly params: Params
  /** The datasets that the job declares as inputs, by job; one that is not published yet is absent. */
  readonly inputs: ReadonlyMap<string, StoredSet>
  /** What the job itself has stored, where that is a snapshot. */
  readonly stored?: StoredSet
}

export interface ParseContext extends Omit<PlanContext, 'key' | 'items'> {
  readonly key: string
  /** The provider that answered. */
  readonly upstream: string
}

/** The value stored so far, with its times. */
export interface Previous {
  readonly data: JsonValue
  readonly asOf: number
  readonly checkedAt: number
}

/** A value that an earlier run rejected, since the stored one was last confirmed. */
interface EarlierRejection<V> {
  readonly value: V
  readonly at: number
}

export interface AcceptContext<V> extends ParseContext {
  readonly previous?: Previous
  readonly rejected?: EarlierRejection<V>
}

/** Whether a parsed value may replace the stored one; a rejection says expected and got. */
export type Verdict = { readonly accepted: true } | { readonly accepted: false; readonly message: string }

/** One value ready to be rendered. */
export interface ItemBody {
  readonly data: JsonValue
  /** The source's own time, milliseconds since the epoch. */
  readonly asOf: number
  /** Parts are missing, and `null`. */
  readonly degraded: boolean
  /** The source answered well and has nothing: rejected unless the job declares `emptyFor`. */
  readonly isEmpty?: boolean
}

/** Many values of one answer: all members of a snapshot. */
export interface Members {
  readonly bodies: readonly (ItemBody & { readonly key: string })[]
  /** Members that the source owes and has not given, each with what was expected and got: they count as failed. */
  readonly missing: readonly { readonly key: string; readonly message: string }[]
}

/** A set that is about to be published, or stands. */
interface SetContext<V> {
  readonly job: Job
  readonly now: number
  readonly params: Params
  /** The provider whose answers it holds. */
  readonly upstream: string
  /** All its members, those carried forward included, by key. */
  readonly entries: ReadonlyMap<string, { readonly data: JsonValue; readonly asOf: number }>
  /** What this run has parsed. */
  readonly values: readonly V[]
  /** The set that it replaces. */
  readonly previous?: StoredSet
}

/** What belongs to a whole set. */
export interface SetSummary {
  /** Published with the entries, in the same moment. */
  readonly head: JsonValue
  /** Rows of the past, written before the set under keys that a repetition would write again. */
  readonly history?: readonly HistoryEntry[]
  /** What an operator should hear of, one line each, once the set is published. */
  readonly warnings?: readonly string[]
  /** Members of the run's log line. */
  readonly logFields?: Readonly<Record<string, string | number>>
}

/** One row of what was, of a kind that the job declares. */
interface HistoryEntry {
  readonly kind: string
  readonly entity: string
  /** When it was so; the rows of an entity stand in this order. */
  readonly at: number
  readonly data: JsonValue
}

/** How a task ended, for those who poll it. */
interface ResultContext<V> extends SetContext<V> {
  readonly head: JsonValue
  readonly startedAt: number
  readonly isPartial: boolean
}

/** Calls of one run to one provider. */
export interface MaxCalls {
  /** Each as often as the job has attempts. */
  readonly retried: number
  /** Optional ones, which are asked once. */
  readonly once: number
}

/**
 * How a job refreshes: what to ask, how to read the answer, whether to believe it, what to serve. Pure functions;
 * everything they need is an argument. `V` must survive JSON.
 */
export interface Refresh<V> {
  /** Raise it when the rendered body changes for the same payload. */
  readonly renderVersion: number
  /** What to ask; `'stored'` where what is stored is the answer, and nothing is asked. */
  plan(context: PlanContext): readonly UpstreamRequest[] | 'stored'
  /** Further calls that follow from what came back, such as the next page; none ends it. */
  nextCalls?(bodies: readonly (object | null)[], context: ParseContext): readonly Call[]
  /** @throws for a body that has not the declared shape: judged `malformed` */
  parse(bodies: readonly (object | null)[], context: ParseContext): V
  accept(value: V, context: AcceptContext<V>): Verdict
  /** The one value of a request. A job of a snapshot may give {@link members} in its place. */
  item?(value: V, context: ParseContext): ItemBody
  members?(value: V, context: ParseContext): Members
  /** Whether a run so asked for renews only the members it gives: the others stay, and so do the times of the set. */
  isPartialUpdate?(params: Params): boolean
  /** What belongs to a snapshot as a whole. */
  summarizeSet?(set: SetContext<V>): SetSummary
  /** Of a task: the pages of its result; the counts of its run unless said. */
  result?(result: ResultContext<V>): readonly JsonValue[]
  /** Calls that a whole run makes of each provider at most, where the plan cannot tell: the checks count them. */
  maxCalls?(job: Job): Readonly<Record<string, MaxCalls>>
  /** Whether `accept` compares with what an earlier run rejected: one more read a key. */
  readonly comparesRejected?: boolean
  /** One sentence for the run's log line, of the first value that passed. */
  logMessage?(value: V): string
  /** What a value adds to the figures of the run, summed over its keys. */
  totals?(value: V, context: AcceptContext<V>): Totals
  /** The log line of a run of the whole plan of which something succeeded, from what became of its keys. */
  summarizeRun?(run: RunSummary): { readonly message: string; readonly logFields?: SetSummary['logFields'] }
}

/** Figures by name. */
export type Totals = Readonly<Record<string, number>>

/** A run of the whole plan, when its outcome is known. */
interface RunSummary {
  readonly counts: Counts
  readonly durationMs: number
  /** What its values add up to. */
  readonly totals: Totals
}
