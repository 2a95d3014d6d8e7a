import type { FailReason } from '../errors.ts'

/**
 * State of a provider, shared by all its jobs and changed by compare-and-swap on the revision.
 * Times are milliseconds since the Unix epoch.
 */
export interface UpstreamState {
  /** Counts changes; 0 where nothing is stored. */
  readonly revision: number
  /** Id of the change that wrote this state, so that its writer recognises it after a lost response. */
  readonly change?: string
  readonly coolDown?: CoolDown
  readonly usageCoolDown?: UsageCoolDown
  readonly escalation?: Escalation
  /** Theoretical arrival time: when the next call is due at an even pace. */
  readonly due?: number
  /** Connections of runs, by owner. */
  readonly connections: Readonly<Record<string, Connections>>
  /** Calls in the provider's current day. */
  readonly day?: CallCount
  /** Calls in the provider's current month. */
  readonly month?: CallCount
  readonly breaker: Breaker
}

/** No run calls the provider before `until` (I7). */
export interface CoolDown {
  readonly until: number
  readonly reason: FailReason
  /** When it began; absent in records of earlier releases. */
  readonly since?: number
  /** The failure that started it, at most 200 characters; absent in records of earlier releases. */
  readonly message?: string
  /** Its length, when the provider did not state one: a repetition shortly after it is twice as long. */
  readonly backoffMs?: number
  /** Version of the refused secret: a newer version ends the cool-down. */
  readonly secretVersion?: string
}

/** The provider's own count of its minute was near its limit: no run calls it before `until`. */
export interface UsageCoolDown {
  readonly until: number
  /** The provider's count, in its own unit. */
  readonly used: number
}

/** Failures of items in a row, over all runs, since the last successful answer; absent without any. */
export interface Escalation {
  /** At most as many as start a cool-down. */
  readonly failures: number
  /** Length of the cool-down that they started last: the next one is twice as long. */
  readonly coolDownMs?: number
}

/** Connections of one run. `max: 0` means that it waits for some. */
interface Connections {
  readonly max: number
  /** Expiry: its last call has ended by then, even if its process was killed. */
  readonly until: number
  /** A reader or an operator waits for the run: absent for a scheduled run, and while the run has connections. */
  readonly isInteractive?: true
}

/** Number of calls in one of the provider's days (`2026-11-20`) or months (`2026-11`). */
export interface CallCount {
  readonly period: string
  readonly calls: number
}

/** Circuit breaker: opens after a number of consecutive runs that failed by the provider's fault. */
export interface Breaker {
  readonly failures: number
  /** No call before this time; then one run probes. */
  readonly openUntil?: number
  readonly probe?: { readonly owner: string; readonly until: number }
}
