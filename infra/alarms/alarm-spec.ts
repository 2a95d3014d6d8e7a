import { defined } from '#shared/domain/defined.ts'
import type { AlarmKind } from './runbook.ts'

/** The series that an alarm measures: one of ours, or one of an AWS resource. */
export type Series =
  | {
      readonly kind: 'freshet'
      readonly metric: string
      readonly dimensions: Readonly<Record<string, string>>
    }
  /** Percent of the reads that got a stored value; see {@link HIT_RATIO_EXPRESSION}. */
  | { readonly kind: 'hit-ratio'; readonly dimensions: Readonly<Record<string, string>> }
  | {
      readonly kind: 'deliveries' | 'failed-runs'
      readonly metric: 'ApproximateNumberOfMessagesVisible' | 'ApproximateAgeOfOldestMessage'
    }
  | { readonly kind: 'api'; readonly metric: '5xx' | 'Latency' }
  | { readonly kind: 'watchdog'; readonly metric: 'Errors' }

/**
 * Requests that were rejected with 429, by the gateway or by a function, counted in the lines of the access log: the gateway's own
 * metrics have only all 4xx together. A lower bound, because the gateway may leave out lines of a flood.
 */
export const THROTTLED_METRIC = 'ThrottledRequests'

/** The declaration of an alarm. */
export interface AlarmSpec {
  readonly kind: AlarmKind
  /** `<stage>-<job>-<kind>`, or `<stage>-<kind>` for an alarm of the stage. */
  readonly name: string
  /** Its meaning in a sentence; the runbook has an entry for its kind. */
  readonly about: string
  readonly series: Series
  readonly statistic: 'Maximum' | 'Sum' | 'p99'
  readonly periodMs: number
  /** Number of consecutive periods. */
  readonly periods: number
  readonly threshold: number
  /** `at`: it fires at the threshold and above; `below`: below the threshold. */
  readonly comparison: 'at' | 'below'
  /**
   * `notifying`: when data end, the alarm leaves its state for INSUFFICIENT_DATA, which notifies too. An alarm begins in that
   * state, so it is quiet until its first data: on a first deployment, and of a job that was just added.
   */
  readonly missingData: 'notifying' | 'notBreaching'
}

/** One of our series, with exactly the dimensions that it emits. */
export function watchdogSeries(
  stage: string,
  metric: string,
  job?: string,
): Extract<Series, { kind: 'freshet' }> {
  const dimensions = defined<Record<string, string | undefined>>({ service: stage, job })
  return { kind: 'freshet', metric, dimensions }
}

/** With fewer reads in a period the ratio means nothing. */
const MIN_READS = 100

/**
 * Percent of the reads that got a stored value, from the series `reads` and `hits`; 100 with fewer than 100 reads.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const HIT_RATIO_EXPRESSION = `IF(reads >= ${MIN_READS}, 100 * hits / reads, 100)`
