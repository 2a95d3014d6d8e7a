import type { Job } from '../declare/job.ts'

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** One call to the upstream: the path is appended to a base URL, each query value encoded once. */
export interface Call {
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
}

/** What to ask for one key: its calls, made in order, whose bodies are parsed together. */
export interface Request {
  readonly key: string
  readonly calls: readonly Call[]
}

/** What may be known while planning. Times are milliseconds since the epoch. */
interface PlanContext {
  readonly job: Job
  readonly now: number
  /** The one key asked for, where a run refreshes a single key. */
  readonly key?: string
}

interface ParseContext {
  readonly job: Job
  readonly now: number
  readonly key: string
}

/** The value stored so far, with its times. */
export interface Previous {
  readonly data: JsonValue
  readonly asOf: number
  readonly checkedAt: number
}

/** A value that an earlier run rejected, since the stored one was last confirmed. */
interface SetAside<V> {
  readonly value: V
  readonly at: number
}

export interface AcceptContext<V> extends ParseContext {
  readonly previous?: Previous
  readonly aside?: SetAside<V>
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

/**
 * How a job refreshes: what to ask, how to read the answer, whether to believe it, what to serve. Pure functions;
 * everything they need is an argument. `V` must survive JSON.
 */
export interface Refresh<V> {
  /** Raise it when the rendered body changes for the same payload. */
  readonly renderVersion: number
  plan(context: PlanContext): readonly Request[]
  /** @throws for a body that has not the declared shape: judged `malformed` */
  parse(bodies: readonly object[], context: ParseContext): V
  accept(value: V, context: AcceptContext<V>): Verdict
  item(value: V): ItemBody
  /** Whether `accept` compares with what an earlier run rejected: one more read a key. */
  readonly looksAside?: boolean
  /** One sentence for the run's log line. */
  say?(value: V): string
}
