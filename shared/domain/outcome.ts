import type { FailReason } from './errors.ts'

export type SkipReason =
  | 'duplicate'
  | 'paused'
  | 'skipped-by-operator'
  | 'superseded'
  | 'upstream-cooling'
  | 'upstream-busy'
  | 'overlap'
  | 'coalesced'
  | 'nothing-to-do'
  | 'not-configured'

/** Number of keys per result; they add up to `planned`. */
export interface Counts {
  readonly planned: number
  /** A new body was written. */
  readonly published: number
  /** Confirmed by the upstream without a new body. */
  readonly unchanged: number
  /** Already published under a higher fence. */
  readonly superseded: number
  readonly failed: number
}

/** How a run ended. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly counts: Counts }
  | {
      readonly status: 'unchanged'
      readonly counts: Counts
      /** What was fetched and not taken, because the stored value is newer. */
      readonly message?: string
    }
  | {
      readonly status: 'partial'
      readonly counts: Counts
      readonly reason: FailReason
      readonly message: string
    }
  | { readonly status: 'skipped'; readonly reason: SkipReason; readonly message: string }
  | {
      readonly status: 'failed'
      readonly reason: FailReason
      readonly message: string
      readonly counts: Counts
    }
  | { readonly status: 'abandoned'; readonly message: string }
  | { readonly status: 'missed'; readonly message: string }

export type OutcomeStatus = Outcome['status']

export const noCounts: Counts = { planned: 0, published: 0, unchanged: 0, superseded: 0, failed: 0 }

/** Whether a run refreshed data, which resets the count of consecutive failures. */
export function isSuccess(status: OutcomeStatus): boolean {
  return status === 'succeeded' || status === 'unchanged' || status === 'partial'
}

/** The outcome of a run that does not take place. */
export function skippedOutcome(reason: SkipReason, message: string): Outcome {
  return { status: 'skipped', reason, message }
}

/** The outcome of a run that failed before it had a result for any key. */
export function failedOutcome({
  reason,
  message,
}: {
  readonly reason: FailReason
  readonly message: string
}): Extract<Outcome, { status: 'failed' }> {
  return { status: 'failed', reason, message, counts: noCounts }
}
