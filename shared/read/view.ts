import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import type { HistoryRow } from '#shared/domain/records/publication.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { StoredSet } from '#shared/domain/records/snapshot.ts'
import type { PublicationTimes, Representation } from './representation.ts'

/** A read as a shape sees it: its parameters are of their declared forms. */
interface ViewRequest {
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | undefined>>
  /** The body of a POST, in JSON. */
  readonly body: JsonValue | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A stored set that can be served, and what it is labelled with. */
export interface ServableSet {
  readonly set: StoredSet
  readonly times: PublicationTimes
  /** The table did not answer: this is the memory's copy. */
  readonly isFallback: boolean
}

/** One stored answer that can be served. */
export interface ServableItem {
  readonly representation: Representation
  /** It was not there when the reader asked. */
  readonly waited: boolean
  /** The table did not answer: this is the memory's copy. */
  readonly isFallback: boolean
}

/** How a wait for a key that is not stored ended; `limited` where too many are waited for. */
export type FillResult =
  | { readonly status: 'filled'; readonly item: ServableItem }
  /** `why` is for operators. */
  | { readonly status: 'empty'; readonly reason?: string }
  | { readonly status: 'limited'; readonly retryAfterMs: number }

/** The same of one key of many. `older`: what was to be renewed was not, and is servable as it stands. */
export type BatchFillResult = FillResult | { readonly status: 'older'; readonly item: ServableItem }

/**
 * What a shape may look at: the records of its own job, and the sets that it declares as inputs. Whatever the table
 * throws is answered with 503. To the live twin of a route only what was checked within the job's interval counts as
 * stored, and whatever is filled is fetched anew.
 */
export interface ViewContext {
  readonly job: Job
  /** The servable set, of a job that stores one; a stale one is asked to be refreshed. */
  set(): Promise<ServableSet | undefined>
  /** That of an input of the job. */
  setOf(input: string): Promise<ServableSet | undefined>
  /** What can be served of one key, of a job that stores items; a stale one is asked to be refreshed. */
  item(key: string): Promise<ServableItem | undefined>
  /** The same of many keys, looked up at once; those that have nothing to serve are left out. */
  items(keys: readonly string[]): Promise<ReadonlyMap<string, ServableItem>>
  /** Has a key fetched that is not stored, and waits for it, eight seconds at most. */
  fill(key: string): Promise<FillResult>
  /** The same of many keys at once, as many as one request may wait for; those that come later are left out. */
  fillMany(keys: readonly string[]): Promise<ReadonlyMap<string, BatchFillResult>>
  /** Rows of the past, newest first, that have not expired. */
  history(
    kind: string,
    entity: string,
    range: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<readonly HistoryRow[]>
  run(id: string): Promise<RunRecord | undefined>
  /** A page of a task's result; the first one is 0. */
  page(run: string, page: number): Promise<JsonValue | undefined>
  state(): Promise<JobState>
  /** The state of another job, as `/health` tells it. */
  stateOf(job: string): Promise<JobState>
}

/** What an answer is labelled with: when it was published, and how it was come by. */
interface Labels {
  readonly times: PublicationTimes
  readonly isFallback: boolean
  readonly waited?: boolean
}

/** The labels of a response made from one stored item. */
export function labelsOf({ representation, isFallback, waited }: ServableItem): Labels {
  return { times: representation, isFallback, waited }
}

/**
 * Put together from several stored answers, one at least, and labelled as the oldest of them. Answers of the same ones
 * and the same rest are made once.
 */
export interface JoinedResult {
  readonly answer: 'joined'
  readonly from: readonly ServableItem[]
  /** What else the text depends on. */
  readonly variant: string
  /** The finished body, JSON; `of` are the labels. */
  text(of: PublicationTimes): string
}

/** The answer that a shape makes. */
export type ViewResult =
  /** Labelled with the times of what it was made from. */
  | { readonly answer: 'value'; readonly body: JsonValue; readonly from: Labels }
  /** The stored answer as it is. */
  | { readonly answer: 'stored'; readonly item: ServableItem }
  /** Of this moment: no cache keeps it. */
  | {
      readonly answer: 'now'
      readonly status: number
      readonly body: JsonValue
      readonly headers?: Readonly<Record<string, string>>
    }
  | JoinedResult
  | {
      readonly answer: 'failure'
      readonly status: number
      readonly message: string
      readonly headers?: Readonly<Record<string, string>>
    }

/** Makes the answer of one route from what is stored. */
export type View = (request: ViewRequest, look: ViewContext) => Promise<ViewResult>

/** Shapes by job, then by the name that the route gives. */
export type Views = Readonly<Record<string, Readonly<Record<string, View>>>>

/** Nothing servable is stored, and nobody fetches it for a reader. */
export function notAvailable(job: Pick<Job, 'title'>, retryAfterS = 60): ViewResult {
  const message = `${job.title} are not available`
  return { answer: 'failure', status: 503, message, headers: { 'retry-after': String(retryAfterS) } }
}
