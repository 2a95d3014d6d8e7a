import type { AlarmKind } from './runbook.ts'

/** What an alarm looks at: series of ours, or one that AWS keeps of a resource. */
export type Series =
  | {
      readonly kind: 'freshet'
      readonly metric: string
      readonly dimensions: Readonly<Record<string, string>>
    }
  /** Of our two series of reads: the share in percent that was answered from what was stored, of enough reads. */
  | { readonly kind: 'hit-ratio'; readonly dimensions: Readonly<Record<string, string>> }
  | { readonly kind: 'deliveries' | 'failed-runs'; readonly metric: 'ApproximateNumberOfMessagesVisible' }
  | { readonly kind: 'api'; readonly metric: '5xx' | 'Latency' }
  | { readonly kind: 'watchdog'; readonly metric: 'Errors' }

/** An alarm as it is declared. */
export interface AlarmSpec {
  readonly kind: AlarmKind
  /** `<stage>-<job>-<kind>`, or `<stage>-<kind>` for one that is not about one job. */
  readonly name: string
  /** What it means for the data, in a sentence; the runbook has the rest under its kind. */
  readonly about: string
  readonly series: Series
  readonly statistic: 'Maximum' | 'Sum' | 'p99'
  readonly periodMs: number
  /** So many periods in a row. */
  readonly periods: number
  readonly threshold: number
  /** It fires at the threshold and above it, or below it. */
  readonly comparison: 'at' | 'below'
  /** Whether silence is an alarm too. */
  readonly missingData: 'breaching' | 'notBreaching'
}

/** A series of the watchdog's, with exactly the dimensions that it emits. */
export function watchdogSeries(
  stage: string,
  metric: string,
  job?: string,
): Extract<Series, { kind: 'freshet' }> {
  const dimensions = { service: stage, ...(job === undefined ? {} : { job }) }
  return { kind: 'freshet', metric, dimensions }
}

/** Below so many reads in a period a single one decides. */
const MIN_READS = 100

/**
 * Percent of the reads that were answered from what was stored, over the series `reads` and `hits`; 100 where there
 * are too few to judge.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const HIT_RATIO_EXPRESSION = `IF(reads >= ${MIN_READS}, 100 * hits / reads, 100)`
