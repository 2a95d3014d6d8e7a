import type { FailReason } from '../engine/errors.ts'
import type { FreshnessTimes } from '../engine/freshness.ts'
import type { Counts, OutcomeStatus, SkipReason } from '../engine/outcome.ts'
import type { RefreshCause } from './bus.ts'

/**
 * The table, in the engine's own terms. All times are milliseconds since the Unix epoch. Every promise below holds
 * for the in-memory and the DynamoDB store alike: one contract suite runs against both. Any method may throw when the
 * table cannot be reached.
 */
export interface Store {
  readonly items: ItemStore
  readonly snapshots: SnapshotStore
  readonly asides: AsideStore
  readonly runs: RunStore
  readonly states: StateStore
  readonly controls: ControlStore
  readonly upstreams: UpstreamStore
}

/** What was published, whichever way it is stored. */
export interface Publication extends FreshnessTimes {
  readonly key: string
  /** Orders publications: the job's counter when the publishing run took its lease. */
  readonly fence: number
  readonly runId: string
  /** Hash of the payload, without quotes. */
  readonly etag: string
  /** Version of the rendering: another version counts as another body. */
  readonly render: number
  /** The source's own time of the value. */
  readonly asOf: number
  /** When this body was published. */
  readonly fetchedAt: number
  readonly degraded: boolean
  readonly source: string
  /** `recorded` when a stand-in answered in place of the provider. */
  readonly dataSource: DataSource
}

/** One stored value, ready to serve. */
export interface Item extends Publication {
  /** The finished response, brotli. */
  readonly body: Uint8Array
}

export type DataSource = 'live' | 'recorded'

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
  /** Consistent; absent keys are left out. */
  getMany(job: string, keys: readonly string[]): Promise<ReadonlyMap<string, Item>>
  /** Writes unless a higher fence or a newer `asOf` is stored; an expired item counts as absent. */
  put(job: string, item: Item, now: number): Promise<WriteResult>
  /** Advances the times and the fence of an item whose stored body is the same, under a lower fence; the body stays. */
  confirm(job: string, item: Item): Promise<WriteResult>
}

/** One finished member of a snapshot, with times of its own. */
export interface Entry {
  readonly key: string
  readonly asOf: number
  readonly fetchedAt: number
  readonly checkedAt: number
  readonly degraded: boolean
  readonly etag: string
  /** Finished JSON text. */
  readonly body: string
}

/** What readers see of a snapshot first: flipped last, so that they see a whole set or the other. */
export interface Head extends Publication {
  readonly count: number
  readonly pages: number
  /** Names the immutable pages that belong to this head. */
  readonly version: string
  /** Until then the pages live: longer than the head, because an unchanged set keeps its pages. */
  readonly pagesUntil: number
  /** When the whole set was last confirmed without a new body: the time of every entry then. */
  readonly confirmedAt?: number
}

/** What became of a head: refused under the fence that stands in the table, or because another head stands there. */
export type HeadResult =
  | { readonly written: true }
  | { readonly written: false; readonly fence: number | undefined }

export interface SnapshotStore {
  head(job: string, key: string, options?: { consistent?: boolean }): Promise<Head | undefined>
  /** The entries of a head's pages, in order; `undefined` when a page is missing or undecodable. */
  entries(job: string, head: Head): Promise<readonly Entry[] | undefined>
  /**
   * Writes all pages, then flips the head, if the one that stands there is the one that this set was made from: its
   * fence is `over`, and lower. `undefined`: none stood there. An expired head counts as absent.
   */
  publish(
    job: string,
    head: Omit<Head, 'pages'>,
    entries: readonly Entry[],
    over: number | undefined,
    now: number,
  ): Promise<HeadResult>
  /** Advances the times and the fence of an unchanged head, if it still stands there under a lower fence. */
  confirm(job: string, head: Head): Promise<HeadResult>
}

/** A rejected body, kept for the operator and for a gate that wants two readings to agree. */
export interface Aside {
  readonly key: string
  readonly runId: string
  readonly at: number
  readonly reason: FailReason
  readonly message: string
  /** Redacted and capped. */
  readonly body: string
  /** The parsed value, as JSON, where parsing succeeded. */
  readonly value?: string
  readonly expiresAt: number
}

export interface AsideStore {
  get(job: string, key: string): Promise<Aside | undefined>
  put(job: string, aside: Aside): Promise<void>
}

export type Cause = 'tick' | RefreshCause

/** One run, from its start to its one outcome. */
export interface RunRecord {
  /** `<job>-<tick>` or `<job>-<ULID>`. */
  readonly id: string
  readonly job: string
  readonly cause: Cause
  /** Scheduled time, of a tick only. */
  readonly tick?: number
  /** The one key asked for, if not the whole plan. */
  readonly key?: string
  readonly status: 'running' | OutcomeStatus
  /** Who works on it: changes when another invocation takes it over. */
  readonly owner: string
  readonly startedAt: number
  /** Past it a running record has lost its owner. */
  readonly leaseUntil: number
  readonly endedAt?: number
  readonly reason?: FailReason | SkipReason
  readonly message?: string
  readonly counts?: Counts
  readonly attempts?: number
  readonly fence?: number
  /** Further deliveries of the same tick. */
  readonly duplicates: number
  readonly expiresAt: number
}

export interface RunStore {
  /** Creates the record; when it exists, gives the stored one instead. */
  open(
    record: RunRecord,
  ): Promise<{ readonly opened: true } | { readonly opened: false; readonly stored: RunRecord }>
  /** Counts one more delivery. */
  countDuplicate(job: string, id: string): Promise<void>
  /**
   * Takes a running record over from an owner whose lease lapsed, and counts one more delivery; false when somebody
   * else did, or it ended.
   */
  takeOver(record: RunRecord, from: { readonly owner: string }): Promise<boolean>
  /** Writes the one outcome; false when the record has ended or belongs to another owner. */
  close(record: RunRecord): Promise<boolean>
  get(job: string, id: string): Promise<RunRecord | undefined>
  /** Runs of either kind that were scheduled or started in [from, to], newest first, at most `limit`. */
  list(job: string, range: { from: number; to: number; limit?: number }): Promise<readonly RunRecord[]>
}

/** What anybody may know of a job: who refreshes it, and how the last runs ended. */
export interface JobState {
  readonly fence: number
  readonly lease?: { readonly owner: string; readonly until: number }
  /** Newest tick that ended in success. */
  readonly lastTick?: number
  readonly lastSuccessAt?: number
  readonly lastRun?: {
    readonly id: string
    readonly status: OutcomeStatus
    readonly reason?: string
    readonly endedAt: number
  }
  /** The earliest `freshUntil` of all planned keys: overdue from then on. */
  readonly freshUntil?: number
  readonly consecutiveFailures: number
  /** When the watchdog first missed any data. */
  readonly missingSince?: number
  /** How far the watchdog has accounted for ticks, and for which schedule. */
  readonly watched?: { readonly until: number; readonly schedule: string }
}

/** The part of a summary that a run or the watchdog replaces. */
export interface Summary {
  readonly lastRun: NonNullable<JobState['lastRun']>
  readonly lastTick?: number
  readonly lastSuccessAt?: number
  readonly freshUntil?: number
  /** Success sets the count of consecutive failures to zero, failure adds one; absent leaves it. */
  readonly health?: 'success' | 'failure'
}

export type LeaseScope = { readonly kind: 'job' } | { readonly kind: 'key'; readonly key: string }

export interface StateStore {
  /** Consistent; a job never seen has fence 0. */
  get(job: string): Promise<JobState>
  /** Takes the lease when it is free or lapsed, and adds one to the job's fence. */
  acquire(
    job: string,
    scope: LeaseScope,
    lease: { readonly owner: string; readonly until: number },
    now: number,
  ): Promise<{ readonly fence: number } | { readonly heldUntil: number }>
  /** Writes the summary and gives the lease back, if it is still the owner's. */
  release(job: string, scope: LeaseScope, owner: string, summary: Summary | undefined): Promise<void>
  /** Notes that a bus-requested run was skipped. */
  countSkip(job: string): Promise<void>
  /** Remembers when data were first missed, unless known. */
  noteMissing(job: string, since: number): Promise<void>
  noteWatched(job: string, watched: NonNullable<JobState['watched']>): Promise<void>
}

/** What an operator decided for a job. */
export interface Control {
  readonly pausedUntil?: number
  readonly pauseReason?: string
}

export interface ControlStore {
  /** Consistent. */
  get(job: string): Promise<Control>
}

/** What is known of a provider, shared by all its jobs. */
export interface UpstreamState {
  /** Nobody calls before. */
  readonly notBefore?: number
  readonly reason?: FailReason
}

export interface UpstreamStore {
  /** Consistent. */
  get(name: string): Promise<UpstreamState>
  /** Moves `notBefore` forward, never back. */
  coolDown(name: string, until: number, reason: FailReason): Promise<void>
}
