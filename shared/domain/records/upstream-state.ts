import type { FailReason } from '../errors.ts'

/**
 * What is known of a provider, shared by all its jobs and changed only over the state that the change was made from.
 * Times are milliseconds since the Unix epoch.
 */
export interface UpstreamState {
  /** Counts changes; 0 where nothing is stored. */
  readonly revision: number
  /** Names the change that made this state, so that its own maker knows it again after a lost answer. */
  readonly change?: string
  readonly coolDown?: CoolDown
  readonly usageCoolDown?: UsageCoolDown
  /** Theoretical arrival time: when the next call would be due at an even pace. */
  readonly due?: number
  /** Runs with connections, by owner. */
  readonly connections: Readonly<Record<string, Connections>>
  /** Calls of the provider's day and month. */
  readonly day?: CallCount
  readonly month?: CallCount
  readonly breaker: Breaker
}

/** Nobody calls before `until`. */
export interface CoolDown {
  readonly until: number
  readonly reason: FailReason
  /** How long it was, where the provider did not say: a repetition right after it is twice as long. */
  readonly backoffMs?: number
  /** The version of the secret that was refused: a newer one ends it. */
  readonly secretVersion?: string
}

/** By the provider's own count its minute was nearly used up: nobody calls before `until`. */
export interface UsageCoolDown {
  readonly until: number
  /** What it counted, in its own unit. */
  readonly used: number
}

/** What one run may have open at once; none until `until` means that it waits. */
interface Connections {
  readonly max: number
  /** By then its last call has ended, whatever became of its process. */
  readonly until: number
}

/** Calls counted in one of the provider's days (`2026-11-20`) or months (`2026-11`). */
export interface CallCount {
  readonly period: string
  readonly calls: number
}

/** Runs that failed one after the other through the provider's fault; from a number of them on it is open. */
export interface Breaker {
  readonly failures: number
  /** No call until then; after it one run probes. */
  readonly openUntil?: number
  readonly probe?: { readonly owner: string; readonly until: number }
}
