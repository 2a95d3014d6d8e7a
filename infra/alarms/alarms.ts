import {
  CONDITION_METRIC,
  JOB_METRIC,
  PRIORITY_METRIC,
  READ_METRIC,
} from '#functions/runtime/metric-names.ts'
import { activeJobs } from '#infra/definitions/cadence.ts'
import { FAILURE_RETENTION_MS } from '#infra/definitions/delivery-policy.ts'
import { overdueLimitMs } from '#shared/declare/alarm-limits.ts'
import type { Job } from '#shared/declare/job.ts'
import { CONDITIONS, conditionsOf, type SharedCondition } from '#shared/domain/conditions.ts'
import { DAY_MS, durationText, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { SLOW_RESPONSE_MS } from '#shared/domain/records/run-statistics.ts'
import { type AlarmSpec, THROTTLED_METRIC, watchdogSeries } from './alarm-spec.ts'
import type { AlarmKind } from './runbook.ts'

/**
 * All alarms of a stage, derived from the declarations: two for each job of P0 that is not off, two for all jobs of each
 * lower priority, and those of the stage.
 */
export function alarmsOf(stage: string, jobs: readonly Job[]): AlarmSpec[] {
  const active = activeJobs(jobs)
  return [
    ...active.flatMap((job) => jobAlarms(stage, job)),
    ...priorityAlarms(stage, active),
    ...stageAlarms(stage, conditionsOf(active)),
  ]
}

const PERIOD_MS = 5 * MINUTE_MS

const COMMON = { statistic: 'Maximum', periodMs: PERIOD_MS, periods: 1, comparison: 'at' } as const

/**
 * The two alarms of a job of P0; none of another job. A job that runs on demand is never overdue and has only one. Without
 * data, `overdue` notifies: then the watchdog is silent.
 */
export function jobAlarms(stage: string, job: Job): AlarmSpec[] {
  if (job.priority !== 'P0') return []
  const failing: AlarmSpec = {
    ...COMMON,
    kind: 'failing',
    name: `${stage}-${job.id}-failing`,
    about: `${job.title}: ${job.failuresBeforeAlarm} runs in a row have failed`,
    series: watchdogSeries(stage, JOB_METRIC.consecutiveFailures, job.id),
    threshold: job.failuresBeforeAlarm,
    missingData: 'notBreaching',
  }
  const overdueMs = overdueLimitMs(job)
  if (overdueMs === undefined) return [failing]
  return [
    {
      ...COMMON,
      kind: 'overdue',
      name: `${stage}-${job.id}-overdue`,
      about: `${job.title}: data have been overdue for ${durationText(overdueMs)}, or the watchdog is silent`,
      series: watchdogSeries(stage, JOB_METRIC.overdueSeconds, job.id),
      threshold: overdueMs / 1_000,
      missingData: 'notifying',
    },
    failing,
  ]
}

/** The alarms over all jobs of a lower priority; the log line and the event of the watchdog, and the API, name the jobs. */
export function priorityAlarms(stage: string, active: readonly Job[]): AlarmSpec[] {
  return (['P1', 'P2'] as const).flatMap((priority): AlarmSpec[] => {
    const jobs = active.filter((job) => job.priority === priority)
    const metric = PRIORITY_METRIC[priority]
    const alarm = (kind: 'overdue' | 'failing', about: string, missingData: AlarmSpec['missingData']) => ({
      ...COMMON,
      kind,
      name: `${stage}-${priority.toLowerCase()}-${kind}`,
      about,
      series: watchdogSeries(stage, metric[kind]),
      threshold: 1,
      missingData,
    })
    return [
      ...(jobs.some((job) => overdueLimitMs(job) !== undefined)
        ? [
            alarm(
              'overdue',
              `Data of at least one job of ${priority} are overdue, or the watchdog is silent`,
              'notifying',
            ),
          ]
        : []),
      ...(jobs.length > 0
        ? [alarm('failing', `Runs of at least one job of ${priority} have failed in a row`, 'notBreaching')]
        : []),
    ]
  })
}

/** p99 in milliseconds; a single cold read may wait for eight seconds. */
const SLOW_READ_MS = 3_000
const SLOW_READ_PERIODS = 3
const API_ERROR_THRESHOLD = 5
/** Requests with 429 in five minutes: more than one client that retries too early causes. */
const THROTTLED_THRESHOLD = 50
/** Time that is left to save the events of a failure queue when the alarm of their age fires. */
const RESCUE_MS = 3 * DAY_MS
/** Consecutive minutes in which the table fails for readers. */
const MEMORY_FALLBACK_PERIODS = 5
/** Percent of the reads of an hour that get a stored value. */
const MIN_HIT_PERCENT = 95

/** The watchdog evaluates the conditions; the alarm fires when at least one job is in the condition. */
const CONDITION_TEXT: Readonly<Record<SharedCondition, string>> = {
  'missed-ticks': 'Ticks of a job left no trace',
  'abandoned-runs': 'Runs of a job ended without an outcome',
  'success-ratio': 'Fewer than nine in ten runs of a job succeeded in the last day',
  retries: 'A job made more than ten retries within an hour',
  'slow-runs': 'A run of a job took more than four fifths of its deadline',
  'slow-upstream': `More than one response in twenty to a job took longer than ${durationText(SLOW_RESPONSE_MS)} within an hour`,
  'many-keys-failed':
    'A job lost more than a fifth of its keys, two runs in a row, or more than half of its calls were refused within an hour',
  freshness: 'Data of a job were fresh for less of the last day than its declaration promises',
  'key-refused': 'A provider does not accept our API key',
  'upstream-cooling':
    'All providers of a job have been in a cool-down for longer than its declaration allows',
  'failed-tasks': 'A task of a job failed within the last hour',
  'timed-out-tasks': 'A task of a job did not end within its deadline, within the last hour',
  'dataset-growth': 'A dataset has over 50 % more entries than seven days before',
}

/**
 * The alarms of a stage that are not about one job.
 *
 * @param conditions - those that a job of the stage can be in; by default those of any plain job
 */
export function stageAlarms(stage: string, conditions: readonly SharedCondition[] = CONDITIONS): AlarmSpec[] {
  return [
    ...conditions.map((condition) =>
      stageAlarm(stage, condition, {
        about: CONDITION_TEXT[condition],
        series: watchdogSeries(stage, CONDITION_METRIC[condition]),
      }),
    ),
    ...queueAlarms(stage),
    ...apiAlarms(stage),
    stageAlarm(stage, 'watchdog-errors', {
      about: 'The watchdog could not check every job',
      series: { kind: 'watchdog', metric: 'Errors' },
      statistic: 'Sum',
    }),
  ]
}

function queueAlarms(stage: string): AlarmSpec[] {
  const depth = 'ApproximateNumberOfMessagesVisible'
  const expiring = {
    statistic: 'Maximum',
    periodMs: HOUR_MS,
    threshold: (FAILURE_RETENTION_MS - RESCUE_MS) / 1_000,
  } as const
  const age = 'ApproximateAgeOfOldestMessage'
  const left = durationText(RESCUE_MS)
  return [
    stageAlarm(stage, 'undelivered', {
      about: 'A tick or a refresh request could not be delivered to its function',
      series: { kind: 'deliveries', metric: depth },
    }),
    stageAlarm(stage, 'failed-runs', {
      about: 'An invocation failed without recording an outcome',
      series: { kind: 'failed-runs', metric: depth },
    }),
    stageAlarm(stage, 'undelivered-expiring', {
      about: `An undelivered event will be deleted from its queue within ${left}`,
      series: { kind: 'deliveries', metric: age },
      ...expiring,
    }),
    stageAlarm(stage, 'failed-runs-expiring', {
      about: `The event of a failed invocation will be deleted from its queue within ${left}`,
      series: { kind: 'failed-runs', metric: age },
      ...expiring,
    }),
  ]
}

function apiAlarms(stage: string): AlarmSpec[] {
  return [
    stageAlarm(stage, 'api-errors', {
      about: 'Readers got server errors',
      series: { kind: 'api', metric: '5xx' },
      statistic: 'Sum',
      threshold: API_ERROR_THRESHOLD,
    }),
    stageAlarm(stage, 'api-slow', {
      about: 'One reader in a hundred waits too long',
      series: { kind: 'api', metric: 'Latency' },
      statistic: 'p99',
      periods: SLOW_READ_PERIODS,
      threshold: SLOW_READ_MS,
    }),
    stageAlarm(stage, 'throttled', {
      about: `At least ${THROTTLED_THRESHOLD} requests within five minutes were rejected with 429`,
      series: watchdogSeries(stage, THROTTLED_METRIC),
      statistic: 'Sum',
      threshold: THROTTLED_THRESHOLD,
    }),
    stageAlarm(stage, 'hit-ratio', {
      about: `Fewer than ${MIN_HIT_PERCENT} % of the reads of an hour got a stored value`,
      series: { kind: 'hit-ratio', dimensions: { service: stage } },
      statistic: 'Sum',
      periodMs: HOUR_MS,
      threshold: MIN_HIT_PERCENT,
      comparison: 'below',
    }),
    stageAlarm(stage, 'memory-fallback', {
      about: `Readers have been served from memory for ${MEMORY_FALLBACK_PERIODS} minutes, because the table fails`,
      series: watchdogSeries(stage, READ_METRIC.memoryFallbacks),
      statistic: 'Sum',
      periodMs: MINUTE_MS,
      periods: MEMORY_FALLBACK_PERIODS,
    }),
  ]
}

/** By default it fires at a maximum of 1 within five minutes, and not without data. */
function stageAlarm(
  stage: string,
  kind: AlarmKind,
  spec: Pick<AlarmSpec, 'about' | 'series'> & Partial<AlarmSpec>,
): AlarmSpec {
  return {
    kind,
    name: `${stage}-${kind}`,
    statistic: 'Maximum',
    periodMs: PERIOD_MS,
    periods: 1,
    threshold: 1,
    comparison: 'at',
    missingData: 'notBreaching',
    ...spec,
  }
}
