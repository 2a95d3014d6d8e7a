import { METRIC, METRIC_NAMESPACE } from '#functions/watchdog/metrics.ts'
import { durationText } from '#shared/declare/duration.ts'
import type { Job } from '#shared/declare/job.ts'
import { cadenceOf } from './cadence.ts'

/** What an alarm looks at: a series of ours, or one that AWS keeps of a resource. */
export type Series =
  | {
      readonly of: 'freshet'
      readonly namespace: string
      readonly metric: string
      readonly dimensions: Readonly<Record<string, string>>
    }
  | { readonly of: 'deliveries' | 'failed-runs'; readonly metric: 'ApproximateNumberOfMessagesVisible' }
  | { readonly of: 'api'; readonly metric: '5xx' | 'Latency' }
  | { readonly of: 'watchdog'; readonly metric: 'Errors' }

/** An alarm as it is declared: it fires when the series is at or above the threshold. */
export interface AlarmSpec {
  readonly name: string
  /** What it means for the data, in a sentence; the runbook has the rest under the same name. */
  readonly about: string
  readonly series: Series
  readonly statistic: 'Maximum' | 'Sum' | 'p99'
  readonly periodMs: number
  /** So many periods in a row. */
  readonly periods: number
  readonly threshold: number
  /** Whether silence is an alarm too. */
  readonly missing: 'breaching' | 'notBreaching'
}

const FIVE_MINUTES_MS = 300_000

/** Runs of a job that may fail in a row. */
const MOST_FAILURES = 5

/** Above what a reader puts up with; a single cold read may wait eight seconds. */
const SLOW_MS = 3_000
const MOST_API_ERRORS = 5

/** All alarms of a stage, derived from what is declared: two for each job that runs, one per other condition. */
export function alarmsOf(stage: string, jobs: readonly Job[]): AlarmSpec[] {
  return [...activeJobs(jobs).flatMap((job) => alarmsOfJob(stage, job)), ...alarmsOfStage(stage)]
}

/** Jobs that run: the others have no schedule, no alarm and no row on the dashboard. */
export function activeJobs(jobs: readonly Job[]): Job[] {
  return jobs.filter(({ off }) => off === undefined)
}

/** A series of the watchdog's, with exactly the dimensions that it emits. */
export function watched(stage: string, metric: string, job?: string): Extract<Series, { of: 'freshet' }> {
  const dimensions = { service: stage, ...(job === undefined ? {} : { job }) }
  return { of: 'freshet', namespace: METRIC_NAMESPACE, metric, dimensions }
}

/** The two alarms of a job that runs. */
export function alarmsOfJob(stage: string, job: Job): AlarmSpec[] {
  const overdueMs = job.overdueAfterMs ?? 2 * cadenceOf(job.schedule).longestMs
  const common = { statistic: 'Maximum', periodMs: FIVE_MINUTES_MS, periods: 1 } as const
  return [
    {
      ...common,
      name: `${stage}-${job.id}-overdue`,
      about: `${job.title}: data have been overdue for ${durationText(overdueMs)}, or nobody looks any more`,
      series: watched(stage, METRIC.overdueSeconds, job.id),
      threshold: overdueMs / 1_000,
      missing: 'breaching',
    },
    {
      ...common,
      name: `${stage}-${job.id}-failing`,
      about: `${job.title}: ${MOST_FAILURES} runs in a row have failed`,
      series: watched(stage, METRIC.consecutiveFailures, job.id),
      threshold: MOST_FAILURES,
      missing: 'notBreaching',
    },
  ]
}

/** The alarms of a stage that are not about one job. */
export function alarmsOfStage(stage: string): AlarmSpec[] {
  const once = { periodMs: FIVE_MINUTES_MS, periods: 1, threshold: 1, missing: 'notBreaching' } as const
  const depth = { ...once, statistic: 'Maximum' } as const
  const sum = { ...once, statistic: 'Sum' } as const
  return [
    {
      ...sum,
      name: `${stage}-missed-ticks`,
      about: 'Ticks of some job left no trace; the log line of the watchdog names it',
      series: watched(stage, METRIC.missedTicks),
    },
    {
      ...sum,
      name: `${stage}-abandoned-runs`,
      about: 'Runs of some job ended without an outcome; the log line of the watchdog names them',
      series: watched(stage, METRIC.abandonedRuns),
    },
    {
      ...depth,
      name: `${stage}-undelivered`,
      about: 'A tick or a refresh request could not be delivered to its function',
      series: { of: 'deliveries', metric: 'ApproximateNumberOfMessagesVisible' },
    },
    {
      ...depth,
      name: `${stage}-failed-runs`,
      about: 'An invocation failed without recording an outcome',
      series: { of: 'failed-runs', metric: 'ApproximateNumberOfMessagesVisible' },
    },
    {
      ...sum,
      name: `${stage}-api-errors`,
      about: 'Readers were answered with server errors',
      series: { of: 'api', metric: '5xx' },
      threshold: MOST_API_ERRORS,
    },
    {
      ...once,
      name: `${stage}-api-slow`,
      about: 'One reader in a hundred waits too long',
      series: { of: 'api', metric: 'Latency' },
      statistic: 'p99',
      periods: 3,
      threshold: SLOW_MS,
    },
    {
      ...sum,
      name: `${stage}-watchdog-errors`,
      about: 'The watchdog could not look after every job',
      series: { of: 'watchdog', metric: 'Errors' },
    },
  ]
}
