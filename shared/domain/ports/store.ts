import type { JsonValue } from '../json.ts'
import type { AuditEntry } from '../records/audit-entry.ts'
import type { Claim } from '../records/claim.ts'
import type { Control } from '../records/control.ts'
import type {
  JobState,
  LeaseScope,
  PublicControl,
  RunSummaryUpdate,
  WatchState,
} from '../records/job-state.ts'
import type { HistoryRow, Item } from '../records/publication.ts'
import type { RejectedRecord } from '../records/rejected.ts'
import type { RunRecord } from '../records/run-record.ts'
import type { RunStatistics } from '../records/run-statistics.ts'
import type { SnapshotEntry, SnapshotHead } from '../records/snapshot.ts'
import type { UpstreamState } from '../records/upstream-state.ts'

/**
 * The table, in the engine's own terms. All times are milliseconds since the Unix epoch. Every promise below holds
 * for the in-memory and the DynamoDB store alike: one contract suite runs against both. Any method may throw when the
 * table cannot be reached.
 */
export interface Store {
  readonly items: ItemStore
  readonly keys: KeyStore
  readonly snapshots: SnapshotStore
  readonly history: HistoryStore
  readonly rejected: RejectedStore
  readonly runs: RunStore
  readonly tasks: TaskStore
  readonly states: StateStore
  readonly controls: ControlStore
  readonly upstreams: UpstreamStore
}

/** The table as submissions of tasks see it. */
export interface SubmissionStore {
  readonly runs: RunStore
  /** What work and what `Idempotency-Key` stands for which task. */
  readonly submissionClaims: ClaimStore
  readonly audits: Pick<AuditStore, 'append'>
  /** How a job stands and what was decided for it: whether a refreshed input moves it. */
  readonly states: Pick<StateStore, 'get' | 'countSkip'>
  readonly controls: Pick<ControlStore, 'get'>
}

/** The table with what operators alone need. */
export interface OperatorStore extends Store {
  readonly operatorClaims: ClaimStore
  readonly audits: AuditStore
}

/**
 * What became of a conditional write. `refused`: the stored value has a higher fence (or a newer `asOf`), which is
 * given. A write that had succeeded before its answer was lost counts as written.
 */
export type WriteResult =
  | { readonly written: true }
  | { readonly written: false; readonly stored: Item | undefined }

export interface ItemStore {
  /** Eventually consistent unless `consistent`. An undecodable item or one of an unknown version is absent. */
  get(job: string, key: string, options?: { consistent?: boolean }): Promise<Item | undefined>
  /** Of keys that are each said once. Consistent unless said; absent keys are left out. */
  getMany(
    job: string,
    keys: readonly string[],
    options?: { consistent?: boolean },
  ): Promise<ReadonlyMap<string, Item>>
  /** Writes unless a higher fence or a newer `asOf` is stored; an expired item counts as absent. */
  put(job: string, item: Item, now: number): Promise<WriteResult>
  /** Advances the times and the fence of an item whose stored body is the same, under a lower fence; the body stays. */
  confirm(job: string, item: Item): Promise<WriteResult>
  /** Marks what is stored as stale, if it was checked before; false when there is nothing to mark. */
  invalidate(job: string, key: string, at: number): Promise<boolean>
  remove(job: string, key: string): Promise<void>
}

/** Keys that items were ever published under, so that all of them can be found. */
export interface KeyStore {
  add(job: string, keys: readonly string[]): Promise<void>
  /** Consistent, in order. */
  list(job: string): Promise<readonly string[]>
  remove(job: string, keys: readonly string[]): Promise<void>
}

/** What became of a head: refused under the fence that stands in the table, or because another head stands there. */
export type HeadResult =
  | { readonly written: true }
  | { readonly written: false; readonly fence: number | undefined }

export interface SnapshotStore {
  head(job: string, key: string, options?: { consistent?: boolean }): Promise<SnapshotHead | undefined>
  /** The entries of a head's pages, in order; `undefined` when a page is missing or undecodable. */
  entries(job: string, head: SnapshotHead): Promise<readonly SnapshotEntry[] | undefined>
  /**
   * Writes all pages, then flips the head, if the one that stands there is the one that this set was made from: its
   * fence is `over`, and lower. `undefined`: none stood there. An expired head counts as absent.
   */
  publish(
    job: string,
    head: Omit<SnapshotHead, 'pages'>,
    entries: readonly SnapshotEntry[],
    over: number | undefined,
    now: number,
  ): Promise<HeadResult>
  /** Advances the times and the fence of an unchanged head, if it still stands there under a lower fence. */
  confirm(job: string, head: SnapshotHead): Promise<HeadResult>
  /** Marks the set as stale, if it was checked before; false when there is nothing to mark. */
  invalidate(job: string, key: string, at: number): Promise<boolean>
  /** Removes the head, then every page of any version. */
  remove(job: string, key: string): Promise<void>
}

export interface HistoryStore {
  /** Writes rows; one that stands there already under the same kind, entity and time is replaced. */
  put(job: string, rows: readonly HistoryRow[]): Promise<void>
  /** Rows of [from, to], newest first, at most `limit`; those past their time included. */
  list(
    job: string,
    kind: string,
    entity: string,
    range: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<readonly HistoryRow[]>
}

export interface RejectedStore {
  get(job: string, key: string): Promise<RejectedRecord | undefined>
  put(job: string, aside: RejectedRecord): Promise<void>
  /** All of a job, those past their time included. */
  list(job: string): Promise<readonly RejectedRecord[]>
  remove(job: string, key: string): Promise<void>
}

export interface RunStore {
  /** Creates the record; when it exists, gives the stored one instead. */
  open(
    record: RunRecord,
  ): Promise<{ readonly opened: true } | { readonly opened: false; readonly stored: RunRecord }>
  /** Counts one more delivery, that of `owner`, once. */
  countDuplicate(job: string, id: string, owner: string): Promise<void>
  /**
   * Takes a running record over from an owner whose lease lapsed, and counts one more delivery; false when somebody
   * else did, or it ended.
   */
  takeOver(record: RunRecord, from: { readonly owner: string }): Promise<boolean>
  /**
   * Writes the one outcome; false when the record has ended or belongs to another owner, and where `unlessFinishing`
   * is said also when a task publishes its result already.
   */
  close(record: RunRecord, choices?: { readonly unlessFinishing?: boolean }): Promise<boolean>
  /** Notes how far a task came, as `record.task` says; false when it has ended or belongs to another owner. */
  advance(record: RunRecord): Promise<boolean>
  get(job: string, id: string): Promise<RunRecord | undefined>
  /** Runs of either kind that were scheduled or started in [from, to], newest first, at most `limit`. */
  list(job: string, range: { from: number; to: number; limit?: number }): Promise<readonly RunRecord[]>
}

/** What a task keeps between its steps, and what is left of it for those who poll: values by name, of whatever size. */
export interface TaskStore {
  put(job: string, run: string, name: string, value: JsonValue, expiresAt: number): Promise<void>
  /** Consistent; what has expired is absent. */
  get(job: string, run: string, name: string, now: number): Promise<JsonValue | undefined>
}

export interface StateStore {
  /** Consistent; a job never seen has fence 0. */
  get(job: string): Promise<JobState>
  /**
   * Takes the lease when it is free or lapsed, and adds one to the job's fence. With the lease on the job come its
   * figures: nobody else changes them until it is given back.
   */
  acquire(
    job: string,
    scope: LeaseScope,
    lease: { readonly owner: string; readonly until: number },
    now: number,
  ): Promise<
    { readonly fence: number; readonly statistics?: RunStatistics } | { readonly leasedUntil: number }
  >
  /** Writes the summary and gives the lease back, if it is still the owner's. */
  release(job: string, scope: LeaseScope, owner: string, summary: RunSummaryUpdate | undefined): Promise<void>
  /** Notes that a bus-requested run was skipped. */
  countSkip(job: string): Promise<void>
  /** Remembers when data were first missed, unless known. */
  setMissingSince(job: string, since: number): Promise<void>
  /** Replaces what the watchdog has seen. */
  setWatchState(job: string, watched: WatchState): Promise<void>
  /** Replaces what is told of a pause and of overrides, unless that is of the same or a later revision. */
  setPublicControl(job: string, pause: PublicControl): Promise<void>
  /** Data were removed: from `since` on nothing is known to be fresh, until a run of the whole plan has succeeded. */
  setPurged(job: string, since: number): Promise<void>
}

export interface ControlStore {
  /** Consistent; a job that nobody decided anything for has revision 0. */
  get(job: string): Promise<Control>
  /** Replaces the control of revision `to.revision - 1`; refused with the stored one when another change came first. */
  replace(
    job: string,
    to: Control,
  ): Promise<{ readonly written: true } | { readonly written: false; readonly stored: Control }>
}

export interface ClaimStore {
  /** Consistent; what has expired is absent. */
  get(job: string, hash: string, now: number): Promise<Claim | undefined>
  /**
   * Writes over the one that was seen, told by its `at`; `undefined`: over none, an expired one counting as absent.
   * Refused with the stored one when somebody else came first. A write whose answer was lost is known by its run.
   */
  replace(job: string, to: Claim, over: Claim | undefined, now: number): Promise<ClaimResult>
}

type ClaimResult =
  | { readonly written: true }
  | { readonly written: false; readonly stored: Claim | undefined }

export interface AuditStore {
  append(entry: AuditEntry): Promise<void>
  /** Changes of [from, to], newest first, at most `limit`. */
  list(range: { from: number; to: number; limit: number }): Promise<readonly AuditEntry[]>
}

export interface UpstreamStore {
  /** Consistent; a provider never seen has revision 0. */
  get(name: string): Promise<UpstreamState>
  /**
   * Replaces the state of revision `to.revision - 1`; refused with the stored one when another change came first. A
   * change whose answer was lost is known by its name.
   */
  replace(name: string, to: UpstreamState): Promise<StateResult>
}

type StateResult = { readonly written: true } | { readonly written: false; readonly stored: UpstreamState }
