import type { FailReason } from '../engine/errors.ts'
import type { FreshnessTimes } from '../engine/freshness.ts'
import type { Counts, OutcomeStatus, SkipReason } from '../engine/outcome.ts'
import type { RefreshCause } from './bus.ts'

/* What the table holds, in the engine's own terms. All times are milliseconds since the Unix epoch. */

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

/** What an operator decided for a job. */
export interface Control {
  readonly pausedUntil?: number
  readonly pauseReason?: string
}

/** What is known of a provider, shared by all its jobs. */
export interface UpstreamState {
  /** Nobody calls before. */
  readonly notBefore?: number
  readonly reason?: FailReason
}
