import type { Condition } from '../engine/condition.ts'
import type { FailReason } from '../engine/errors.ts'
import type { FreshnessTimes } from '../engine/freshness.ts'
import type { Counts, OutcomeStatus, SkipReason } from '../engine/outcome.ts'
import type { JsonValue } from '../engine/refresh.ts'
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
  readonly validator?: Validator
  /** The source does not know the key: the body is none, and the times are short. */
  readonly isAbsent?: boolean
}

/** What the source gave to ask with whether a value has changed (RFC 9110, section 8.8). */
export interface Validator {
  /** Hash of the address that gave it. */
  readonly of: string
  readonly etag?: string
  readonly modified?: string
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
  /** The provider that it is from. */
  readonly source?: string
  /** Finished JSON text. */
  readonly body: string
  readonly validator?: Validator
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
  /** What the job says of the whole set, as JSON. */
  readonly whole?: string
}

/** One row of what was. */
export interface HistoryRow {
  readonly kind: string
  readonly entity: string
  readonly at: number
  readonly data: JsonValue
  readonly expiresAt: number
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

export type Cause = 'tick' | 'input-refreshed' | RefreshCause

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
  /** The run of another job whose publication asked for this one. */
  readonly input?: string
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
  /** Of a task only. */
  readonly task?: TaskMark
}

/** What a task's record says beside that of any run: it is what clients poll, and it only moves forward. */
export interface TaskMark {
  /** What was asked for, as JSON. */
  readonly params: string
  /** Past it the task reads as timed out, whatever else is written. */
  readonly deadlineAt: number
  /** When its machine first found another run at the lease: it waits for its turn, until its deadline at most. */
  readonly waitingAt?: number
  /** When it had its lease and its plan: pending until then. */
  readonly begunAt?: number
  /** Into how many parts its plan was cut. */
  readonly chunks?: number
  /** When it began to publish its result: it cannot be cancelled any more. */
  readonly finishingAt?: number
  /** Pages of its result. */
  readonly pages?: number
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
  readonly figures?: Figures
  readonly watched?: WatchRecord
  readonly pause?: ToldPause
}

/**
 * What anybody may know of what operators decided, as of that revision of a job's control: until when it is paused, how
 * often it runs and how many items it refreshes where that is not as declared.
 */
export interface ToldPause {
  readonly revision: number
  readonly until?: number
  readonly everyMs?: number
  readonly items?: number
}

/**
 * What a job's runs of its whole plan add up to: skipped runs and runs of one key do not count. Written with the
 * summary, by whoever holds the job's lease. Durations are milliseconds.
 */
export interface Figures {
  /** Since the first run. */
  readonly total: {
    readonly runs: number
    readonly failed: number
    /** `partial` runs that lost more than half of their keys. */
    readonly mostlyFailed: number
    readonly durationMs: number
  }
  readonly hours: Hours<HourFigures>
  /** Of the last runs, the newest first. */
  readonly durations: readonly number[]
  /** Of the last two runs of several keys, the newest first: the share of them that failed. */
  readonly lostShares?: readonly number[]
  /** The newest run that failed. */
  readonly lastFailure?: { readonly at: number; readonly reason: string }
}

export type HourFigures = readonly [runs: number, failed: number, retries: number, longestMs: number]

/** Rows of numbers a clock hour, the newest first: short as text, because they travel with every write of a state. */
export interface Hours<Row> {
  /** Hours since the epoch. */
  readonly newest: number
  readonly rows: readonly Row[]
}

/** What the watchdog has seen of a job, and nobody else writes. */
export interface WatchRecord {
  /** How far it has accounted for ticks, and for which schedule. */
  readonly until: number
  readonly schedule: string
  readonly hours?: Hours<WatchedHour>
  /** The newest tick that was missed, and when that was found. */
  readonly missed?: { readonly tick: number; readonly at: number }
  /** When it last gave a run up. */
  readonly abandonedAt?: number
  /** When the newest task of those that failed, and of those that timed out, has ended. */
  readonly taskFailedAt?: number
  readonly taskTimedOutAt?: number
  /** Since when the upstream is left alone, without a call that was served in between. */
  readonly barredSince?: number
  /** What is wrong with the job at the moment. */
  readonly conditions?: readonly Condition[]
}

export type WatchedHour = readonly [missed: number, abandoned: number, staleMs: number]

/** The part of a summary that a run or the watchdog replaces. */
export interface Summary {
  readonly lastRun: NonNullable<JobState['lastRun']>
  readonly lastTick?: number
  readonly lastSuccessAt?: number
  readonly freshUntil?: number
  /** Success sets the count of consecutive failures to zero, failure adds one; absent leaves it. */
  readonly health?: 'success' | 'failure'
  readonly figures?: Figures
}

export type LeaseScope = { readonly kind: 'job' } | { readonly kind: 'key'; readonly key: string }

/** What operators decided for a job, changed only over the state that the change was made from. */
export interface Control {
  /** Counts changes; 0 where nothing is stored. */
  readonly revision: number
  /** Names the change that made this state, so that its own maker knows it again after a lost answer. */
  readonly change?: string
  readonly pause?: Pause
  /** The one scheduled moment that is left out. */
  readonly skip?: Skip
  readonly overrides?: Overrides
}

/** Until when ticks and stale reads ask for nothing, who said so, and why. */
interface Pause {
  readonly until: number
  readonly reason: string
  readonly by: string
}

interface Skip {
  readonly tick: number
  readonly reason: string
  readonly by: string
}

/** What holds in place of the declaration, where that allows it. */
export interface Overrides {
  /** Of each such interval, counted from the epoch, all ticks but one are left out: a schedule can only be thinned. */
  readonly everyMs?: number
  /** Half of the schedule's own interval: by so much ticks are closer or further apart where clocks change. */
  readonly slackMs?: number
  /** When that was decided: the first tick after it runs, because what was published before is not fresh for as long. */
  readonly since?: number
  /** Keys that are refreshed, of those that the job plans. */
  readonly items?: readonly string[]
  /** Settings, as they would be written in the environment. */
  readonly settings?: Readonly<Record<string, string>>
}

/** What an operator's `Idempotency-Key` stands for: one promised run. */
export interface KeyedTrigger {
  /** Hash of the key. */
  readonly hash: string
  /** Hash of what was asked for under it. */
  readonly asked: string
  readonly runId: string
  /** When somebody last took it upon himself to say it on the bus. */
  readonly at: number
  /** Whether the bus took it. */
  readonly isSaid: boolean
  readonly expiresAt: number
}

/** One accepted change: who, what, when, and what it changed. Kept for 400 days. */
export interface AuditEntry {
  readonly id: string
  readonly at: number
  readonly actor: string
  /** What was done: `pause`, `resume`, `invalidate`, … */
  readonly action: string
  /** Whose: `job:global-market`, `upstream:coingecko`. */
  readonly subject: string
  /** As JSON; absent where nothing was there. */
  readonly before?: string
  readonly after?: string
}

/** What is known of a provider, shared by all its jobs and changed only over the state that the change was made from. */
export interface UpstreamState {
  /** Counts changes; 0 where nothing is stored. */
  readonly revision: number
  /** Names the change that made this state, so that its own maker knows it again after a lost answer. */
  readonly change?: string
  readonly coolDown?: CoolDown
  readonly fullMinute?: FullMinute
  /** Theoretical arrival time: when the next call would be due at an even pace. */
  readonly due?: number
  /** Runs with connections, by owner. */
  readonly connections: Readonly<Record<string, Connections>>
  /** Calls of the provider's day and month. */
  readonly day?: Used
  readonly month?: Used
  readonly breaker: Breaker
}

/** Nobody calls before `until`. */
export interface CoolDown {
  readonly until: number
  readonly reason: FailReason
  /** How long it was, where the provider did not say: a repetition right after it is twice as long. */
  readonly chosenMs?: number
  /** The version of the secret that was refused: a newer one ends it. */
  readonly secretVersion?: string
}

/** By the provider's own count its minute was nearly used up: nobody calls before `until`. */
export interface FullMinute {
  readonly until: number
  /** What it counted, in its own unit. */
  readonly used: number
}

/** What one run may have open at once; none until `until` means that it waits. */
interface Connections {
  readonly most: number
  /** By then its last call has ended, whatever became of its process. */
  readonly until: number
}

/** Calls counted in one of the provider's days (`2026-11-20`) or months (`2026-11`). */
export interface Used {
  readonly of: string
  readonly calls: number
}

/** Runs that failed one after the other through the provider's fault; from a number of them on it is open. */
export interface Breaker {
  readonly failures: number
  /** No call until then; after it one run probes. */
  readonly openUntil?: number
  readonly probe?: { readonly owner: string; readonly until: number }
}
