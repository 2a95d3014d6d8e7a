import type { Job } from '#shared/declare/job.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import type { OperatorData } from '#shared/domain/records/operator-record.ts'
import type { HistoryRow } from '#shared/domain/records/publication.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { StoredSet } from '#shared/domain/records/snapshot.ts'
import type { PublicationTimes, Representation } from './representation.ts'

/** The request that a view answers; its parameters have their declared forms. */
export interface ViewRequest {
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | undefined>>
  /** The parsed JSON body of a POST. */
  readonly body: JsonValue | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A stored set that can be served, with its times: those of a response that rests on the set as a whole. */
export interface ServableSet {
  readonly set: StoredSet
  readonly times: PublicationTimes
  /**
   * The times of a response that is made from some entries: the earliest of their own. Those of the whole set if none of
   * the keys can be served.
   */
  timesOf(keys: Iterable<string>): PublicationTimes
  /** The table did not answer, and the value comes from memory. */
  readonly isFallback: boolean
}

/** One stored value that can be served. */
export interface ServableItem {
  readonly representation: Representation
  /** It was not stored when the request arrived. */
  readonly waited: boolean
  /** The table did not answer, and the value comes from memory. */
  readonly isFallback: boolean
}

/**
 * The result of a wait for a key that was not stored; `limited`: the process waits for too many keys already, or the last live
 * read of the key is too recent. `reason` is for operators.
 */
export type FillResult =
  | { readonly status: 'filled'; readonly item: ServableItem }
  /**
   * The run ended without data, or not in time. `cause`: the failure with which it ended, or because of which it could not
   * call its provider.
   */
  | { readonly status: 'empty'; readonly cause?: FailReason; readonly reason?: string }
  | { readonly status: 'limited'; readonly retryAfterMs: number; readonly reason?: string }

/** The result for one key of several. `older`: the refresh failed, and the stored value is still servable. */
export type BatchFillResult = FillResult | { readonly status: 'older'; readonly item: ServableItem }

/** A range of history rows. Times are milliseconds since the epoch. */
export interface HistoryRange {
  readonly from: number
  readonly to: number
  readonly limit: number
}

/**
 * What a view may read: the records of its own job, and those of the job's declared inputs. An error of the table
 * becomes status 503. In the live twin of a route, only values checked within the job's interval count as stored, and
 * a fill always fetches from the upstream.
 */
export interface ViewContext {
  readonly job: Job
  /** Whether the reader is an operator, as in the live twin of a route: some members are not for the public. */
  readonly isForOperator: boolean
  /** The deployed version of the system. */
  readonly version: string
  /** The servable set of a job that stores a snapshot. A stale one triggers a refresh. */
  set(): Promise<ServableSet | undefined>
  /** The servable set of an input of the job. */
  setOf(input: string): Promise<ServableSet | undefined>
  /**
   * The servable value of a key of another job, one of `viewInputs`: an addition to the response, which does without it.
   * `undefined` also while that job is off or the table does not answer. It requests no refresh.
   */
  itemOf(viewInput: string, key: string): Promise<ServableItem | undefined>
  /** The servable value of a key, of a job that stores items. A stale one triggers a refresh. */
  item(key: string): Promise<ServableItem | undefined>
  /** The servable values of several keys, in one read. Keys without one are left out. */
  items(keys: readonly string[]): Promise<ReadonlyMap<string, ServableItem>>
  /** Requests a key that is not stored and waits for it, at most 8 s. */
  fill(key: string): Promise<FillResult>
  /** Fills the first keys of a list concurrently, as many as one request may wait for; the others are left out. */
  fillMany(keys: readonly string[]): Promise<ReadonlyMap<string, BatchFillResult>>
  /** All keys under which the job has published, sorted; those of data that have expired since may be among them. */
  keys(): Promise<readonly string[]>
  /**
   * Data that operators have stored and the job declares, such as its positions; `undefined` before the first change and
   * once erased. Only for routes of operators: the function of the public reads has no access to them.
   */
  operatorData(name: string): Promise<OperatorData | undefined>
  /** History rows, newest first, without expired ones. */
  history(kind: string, entity: string, range: HistoryRange): Promise<readonly HistoryRow[]>
  run(id: string): Promise<RunRecord | undefined>
  /** A page of a task's result; pages count from 0. */
  page(run: string, page: number): Promise<JsonValue | undefined>
  state(): Promise<JobState>
  /** The state of another job, as in `/health`. */
  stateOf(job: string): Promise<JobState>
}

/** The body of a response and the times of what it is made from. */
export interface ComposedValue {
  readonly body: JsonValue
  /** What the entity tag is computed from in place of `body`, as the `identity` of a stored item. */
  readonly identity?: JsonValue
  readonly times: PublicationTimes
}

/** A response made from one stored set or item. It is composed once per source and variant, on first use. */
export interface ValueResult {
  readonly kind: 'value'
  readonly from: ServableSet | ServableItem
  /** Everything else on which the body and its times depend, such as the parameters; none by default. */
  readonly variant?: string
  compose(): ComposedValue
}

/**
 * A response composed from one or more stored items, with the earliest of their times. The same items with the same
 * variant are composed once.
 */
export interface JoinedResult {
  readonly kind: 'joined'
  readonly from: readonly ServableItem[]
  /** Everything else on which the text depends. */
  readonly variant: string
  /** Builds the JSON body. */
  text(times: PublicationTimes): string
}

/** The result of a view. */
export type ViewResult =
  | ValueResult
  /** Computed for this request and not cached. */
  | {
      readonly kind: 'now'
      readonly status: number
      readonly body: JsonValue
      readonly headers?: Readonly<Record<string, string>>
    }
  | JoinedResult
  | {
      readonly kind: 'failure'
      readonly status: number
      readonly message: string
      readonly headers?: Readonly<Record<string, string>>
    }

/** Makes the response of one route from stored values. */
export type View = (request: ViewRequest, context: ViewContext) => Promise<ViewResult>

/** Views by job, then by the name in the route's declaration. */
export type Views = Readonly<Record<string, Readonly<Record<string, View>>>>

/** That nothing is stored; of a job that is off, that waiting does not help. */
export function notAvailableText({ title, off }: Pick<Job, 'title' | 'off'>): string {
  return `${title} are not available${off === undefined ? '' : ': the job is off'}`
}

/** The 503 response when nothing servable is stored and no refresh is awaited. */
export function notAvailable(job: Pick<Job, 'title' | 'off'>, retryAfterS = 60): ViewResult {
  return {
    kind: 'failure',
    status: 503,
    message: notAvailableText(job),
    headers: { 'retry-after': String(retryAfterS) },
  }
}
