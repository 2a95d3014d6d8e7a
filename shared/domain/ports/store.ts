import type { FailReason } from '../errors.ts'
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
import type { OperatorRecord } from '../records/operator-record.ts'
import type { Item } from '../records/publication.ts'
import type { RejectedRecord } from '../records/rejected.ts'
import type { RunProgress, RunRecord } from '../records/run-record.ts'
import type { RunStatistics } from '../records/run-statistics.ts'
import type { SnapshotEntry, SnapshotHead } from '../records/snapshot.ts'
import type { UpstreamState } from '../records/upstream-state.ts'
import type { HistoryClearance, HistoryStore } from './history-store.ts'

/**
 * The table. All times are milliseconds since the Unix epoch. One contract suite tests the in-memory and the DynamoDB
 * store. Any method may throw when the table cannot be reached.
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
  readonly operatorRecords: Pick<OperatorRecordStore, 'get'>
}

/** The part of the table that submissions of tasks use. */
export interface SubmissionStore {
  readonly runs: RunStore
  /** Which task a piece of work and an `Idempotency-Key` refer to. */
  readonly submissionClaims: ClaimStore
  readonly audits: Pick<AuditStore, 'append'>
  /** State and control of a job decide whether a refreshed input triggers it. */
  readonly states: Pick<StateStore, 'get' | 'countSkip'>
  readonly controls: Pick<ControlStore, 'get'>
}

/** The table with the records that only operators use. */
export interface OperatorStore extends Store {
  readonly records: RecordReader
  readonly history: HistoryStore & HistoryClearance
  readonly operatorClaims: ClaimStore
  readonly audits: AuditStore
  readonly operatorRecords: OperatorRecordStore
}

/**
 * Result of a conditional write. `written: false`: the stored value has a higher fence or a newer `asOf`. A write whose
 * response was lost counts as written. `isPurged`: an operator removed the item under a higher fence.
 */
export type WriteResult =
  | { readonly written: true }
  | { readonly written: false; readonly stored: Item | undefined; readonly isPurged?: true }

/** The removal of stored data: until `until`, the table refuses writes of lower fences in their place. */
export interface Removal {
  readonly fence: number
  readonly until: number
}

export interface ItemStore {
  /**
   * Eventually consistent by default. An item that cannot be decoded or believed, has an unknown version or is expired is
   * absent.
   */
  get(job: string, key: string, options?: { consistent?: boolean }): Promise<Item | undefined>
  /** Reads distinct keys, consistently by default; the result has no entry for an absent key. */
  getMany(
    job: string,
    keys: readonly string[],
    options?: { consistent?: boolean },
  ): Promise<ReadonlyMap<string, Item>>
  /**
   * Writes if no higher fence and, without `anyAsOf`, no newer `asOf` is stored; an item that is not returned by `get`
   * counts as absent.
   */
  put(job: string, item: Item, now: number, options?: { readonly anyAsOf?: boolean }): Promise<WriteResult>
  /** Advances times and fence of a stored item with the same body and a lower fence; keeps the body. */
  confirm(job: string, item: Item): Promise<WriteResult>
  /** Marks the stored item as stale if it was checked before `at`; false when there is none. */
  invalidate(job: string, key: string, at: number): Promise<boolean>
  /** Removes the item, stored or not; false when one of a higher fence is stored. */
  remove(job: string, key: string, removal: Removal): Promise<boolean>
}

/** A purge in progress, as the list of keys knows it. `version` changes with every change of the list. */
interface KeyPurge {
  readonly fence: number
  readonly version: number
  /** Sorted. */
  readonly keys: readonly string[]
}

/** The keys under which items are stored: it may list too many, never too few, because each is listed before its item. */
export interface KeyStore {
  /**
   * Lists keys before their items are written. While a purge is in progress they are written again, so that it does not
   * remove them.
   *
   * @returns false when a purge of all keys took a higher fence: the caller must not write its items
   */
  add(job: string, keys: readonly string[], fence: number): Promise<boolean>
  /** Consistent, sorted. */
  list(job: string): Promise<readonly string[]>
  /** Begins a purge under its own fence; with `all`, runs of lower fences can list no keys from then on. */
  startPurge(job: string, fence: number, options: { readonly all: boolean }): Promise<KeyPurge>
  /** Ends a purge whose items are removed; removes their keys unless the list has changed since the purge began. */
  endPurge(job: string, purge: KeyPurge, removed: readonly string[]): Promise<void>
}

/** Result of writing a head. `written: false` has the stored fence, which is higher or belongs to another head. */
export type HeadResult =
  | { readonly written: true }
  | { readonly written: false; readonly fence: number | undefined }

export interface SnapshotStore {
  /** A head that cannot be decoded or believed, has an unknown version or is expired is absent. */
  head(job: string, key: string, options?: { consistent?: boolean }): Promise<SnapshotHead | undefined>
  /**
   * The entries of a head's pages, in order, without those that cannot be believed; `undefined` when a page is missing or
   * cannot be decoded.
   */
  entries(job: string, head: SnapshotHead): Promise<readonly SnapshotEntry[] | undefined>
  /**
   * Writes all pages, then replaces the head if the stored one is that from which this set was made: its fence is
   * `over` and lower than the new one; `undefined` means that none was stored. A head that `head` does not return counts
   * as absent.
   */
  publish(
    job: string,
    head: Omit<SnapshotHead, 'pages'>,
    entries: readonly SnapshotEntry[],
    over: number | undefined,
    now: number,
  ): Promise<HeadResult>
  /** Advances times and fence of an unchanged head, if it is still stored with a lower fence. */
  confirm(job: string, head: SnapshotHead): Promise<HeadResult>
  /** Marks the set as stale if it was checked before `at`; false when there is none. */
  invalidate(job: string, key: string, at: number): Promise<boolean>
  /** Removes the head, then the pages of all lower fences; false when a head of a higher fence is stored. */
  remove(job: string, key: string, removal: Removal): Promise<boolean>
}

export interface RejectedStore {
  /** An expired record is absent. */
  get(job: string, key: string): Promise<RejectedRecord | undefined>
  put(job: string, rejected: RejectedRecord): Promise<void>
  /** All records of a job, expired ones included. */
  list(job: string): Promise<readonly RejectedRecord[]>
  remove(job: string, key: string): Promise<void>
}

export interface RunStore {
  /** Creates the record; when it exists, returns the stored one. */
  open(
    record: RunRecord,
  ): Promise<{ readonly opened: true } | { readonly opened: false; readonly stored: RunRecord }>
  /** Counts the delivery of `owner` as a duplicate, once. */
  countDuplicate(job: string, id: string, owner: string): Promise<void>
  /**
   * Takes over a running record from an owner whose lease has expired, and counts one more delivery; false when another
   * owner did so first or the run has ended.
   */
  takeOver(record: RunRecord, from: { readonly owner: string }): Promise<boolean>
  /**
   * Writes the outcome; false when the run has ended or belongs to another owner, and with `unlessFinishing` also when
   * the task is already publishing its result.
   */
  close(record: RunRecord, options?: { readonly unlessFinishing?: boolean }): Promise<boolean>
  /**
   * Writes the progress of a task, `record.task`, and how many requests its plan has, `record.progress`; false when it has
   * ended or belongs to another owner.
   */
  advance(record: RunRecord): Promise<boolean>
  /** Adds to the progress of a run; to nothing when it has ended or belongs to another owner. */
  addProgress(record: Pick<RunRecord, 'job' | 'id' | 'owner'>, counts: RunProgress): Promise<void>
  get(job: string, id: string): Promise<RunRecord | undefined>
  /** Runs that were scheduled or started in [from, to], newest first, at most `limit`. */
  list(job: string, range: { from: number; to: number; limit?: number }): Promise<readonly RunRecord[]>
}

/** Values that a task stores between its steps and for clients that poll it: by name, of any size. */
export interface TaskStore {
  put(job: string, run: string, name: string, value: JsonValue, expiresAt: number): Promise<void>
  /** Consistent; a record that is expired or cannot be decoded is absent. */
  get(job: string, run: string, name: string, now: number): Promise<JsonValue | undefined>
}

/** Data that operators write and jobs read, by name. */
export interface OperatorRecordStore {
  /** Consistent; `undefined` before the first change. */
  get(name: string): Promise<OperatorRecord | undefined>
  /**
   * Replaces the record of revision `to.revision - 1`; returns the stored one when another change came first. A write
   * whose response was lost is recognised by its change.
   */
  replace(name: string, to: OperatorRecord): Promise<OperatorRecordResult>
}

type OperatorRecordResult =
  | { readonly written: true }
  | { readonly written: false; readonly stored: OperatorRecord | undefined }

/** How a run for a reader's cold read ended without data. Times are milliseconds since the epoch. */
export interface ColdEnd {
  readonly runId: string
  readonly endedAt: number
  /** The failure with which it ended, or because of which it could not call its provider. */
  readonly cause?: FailReason
}

export interface StateStore {
  /** Consistent; a job without a stored state has fence 0. */
  get(job: string): Promise<JobState>
  /**
   * Takes the lease when it is free or expired, and adds one to the job's fence. The lease of the whole job returns its
   * statistics, which no other run changes until the lease is released.
   */
  acquire(
    job: string,
    scope: LeaseScope,
    lease: { readonly owner: string; readonly until: number },
    now: number,
  ): Promise<
    { readonly fence: number; readonly statistics?: RunStatistics } | { readonly leasedUntil: number }
  >
  /** Writes the summary and releases the lease, if the owner still has it. */
  release(job: string, scope: LeaseScope, owner: string, summary: RunSummaryUpdate | undefined): Promise<void>
  /** Counts a skipped run that the bus requested. */
  countSkip(job: string): Promise<void>
  /** Stores since when data are missing, if no such time is stored yet. */
  setMissingSince(job: string, since: number): Promise<void>
  /** Replaces the watchdog's state of the job. */
  setWatchState(job: string, watchState: WatchState): Promise<void>
  /** Replaces the public part of the control, if the stored one has a lower revision. */
  setPublicControl(job: string, control: PublicControl): Promise<void>
  /** The last run that ended without data although a reader waits, of one key or of the whole job. Consistent. */
  getColdEnd(job: string, key: string | undefined): Promise<ColdEnd | undefined>
  setColdEnd(job: string, key: string | undefined, end: ColdEnd): Promise<void>
  /** After data were removed: no data count as fresh from `since` on, until a run of the whole plan succeeds. */
  setPurged(job: string, since: number): Promise<void>
  /**
   * After all data were marked as stale at `at`: none count as fresh from then on, until a run of the whole plan that
   * started later succeeds.
   */
  setInvalidated(job: string, at: number): Promise<void>
}

export interface ControlStore {
  /** Consistent; a job without a stored control has revision 0. */
  get(job: string): Promise<Control>
  /** Replaces the control of revision `to.revision - 1`; returns the stored one when another change came first. */
  replace(
    job: string,
    to: Control,
  ): Promise<{ readonly written: true } | { readonly written: false; readonly stored: Control }>
}

export interface ClaimStore {
  /** Consistent; an expired record is absent. */
  get(job: string, hash: string, now: number): Promise<Claim | undefined>
  /**
   * Replaces the claim `over`, compared by its `claimedAt`; with `undefined`, creates one (an expired claim counts as
   * absent). Returns the stored claim when another writer came first. A write whose response was lost is recognised by
   * its run id.
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

/** A record of a job: a run by its id, or an item by its key. */
export interface RecordName {
  readonly job: string
  readonly name: string
}

/** The records that one request reads: of jobs their state and their control. */
interface RecordNames {
  readonly jobs?: readonly string[]
  readonly upstreams?: readonly string[]
  readonly runs?: readonly RecordName[]
  readonly items?: readonly RecordName[]
}

/**
 * Records by name: of jobs and upstreams one each, also of those without a stored one; of runs by id and of items by job
 * those that are stored.
 */
export interface NamedRecords {
  readonly states: ReadonlyMap<string, JobState>
  readonly controls: ReadonlyMap<string, Control>
  readonly upstreams: ReadonlyMap<string, UpstreamState>
  readonly runs: ReadonlyMap<string, RunRecord>
  readonly items: ReadonlyMap<string, Item>
}

export interface RecordReader {
  /** Consistent; one request to the table for up to a hundred records, at most one item of each job. */
  getMany(names: RecordNames): Promise<NamedRecords>
}

export interface UpstreamStore {
  /** Consistent; a provider without a stored state has revision 0. */
  get(name: string): Promise<UpstreamState>
  /**
   * Replaces the state of revision `to.revision - 1`; returns the stored one when another change came first. A change
   * whose response was lost is recognised by its name.
   */
  replace(name: string, to: UpstreamState): Promise<StateResult>
}

type StateResult = { readonly written: true } | { readonly written: false; readonly stored: UpstreamState }
