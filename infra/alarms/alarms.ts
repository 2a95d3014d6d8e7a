import { CONDITION_METRIC, JOB_METRIC, READ_METRIC } from '#functions/runtime/metric-names.ts'
import { activeJobs, cadenceOf } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { CONDITIONS, type Condition, conditionsOf } from '#shared/domain/conditions.ts'
import { durationText, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { type AlarmSpec, type Series, watchdogSeries } from './alarm-spec.ts'
import type { AlarmKind } from './runbook.ts'

/** All alarms of a stage, derived from what is declared: two for each job that runs, one per other condition. */
export function alarmsOf(stage: string, jobs: readonly Job[]): AlarmSpec[] {
  const active = activeJobs(jobs)
  return [...active.flatMap((job) => jobAlarms(stage, job)), ...stageAlarms(stage, conditionsOf(active))]
}

const JOB_ALARM_PERIOD_MS = 300_000

/** The two alarms of a job that runs; one that runs on demand owes nothing, and is never overdue. */
export function jobAlarms(stage: string, job: Job): AlarmSpec[] {
  const clock = clockOf(job.schedule)
  const common = {
    statistic: 'Maximum',
    periodMs: JOB_ALARM_PERIOD_MS,
    periods: 1,
    comparison: 'at',
  } as const
  const failing: AlarmSpec = {
    ...common,
    kind: 'failing',
    name: `${stage}-${job.id}-failing`,
    about: `${job.title}: ${job.failuresBeforeAlarm} runs in a row have failed`,
    series: watchdogSeries(stage, JOB_METRIC.consecutiveFailures, job.id),
    threshold: job.failuresBeforeAlarm,
    missingData: 'notBreaching',
  }
  if (!clock) return [failing]
  const overdueMs = job.overdueAfterMs ?? 2 * cadenceOf(clock).longestMs
  return [
    {
      ...common,
      kind: 'overdue',
      name: `${stage}-${job.id}-overdue`,
      about: `${job.title}: data have been overdue for ${durationText(overdueMs)}, or nobody looks any more`,
      series: watchdogSeries(stage, JOB_METRIC.overdueSeconds, job.id),
      threshold: overdueMs / 1_000,
      missingData: 'breaching',
    },
    failing,
  ]
}

const FIVE_MINUTES_MS = 300_000

/** Above what a reader puts up with; a single cold read may wait eight seconds. */
const SLOW_RESPONSE_MS = 3_000
const API_ERROR_THRESHOLD = 5
/** Minutes in a row in which the table fails for readers. */
const MEMORY_FALLBACK_PERIODS = 5
/** Percent of the reads of an hour that are answered from what is stored. */
const MIN_HIT_PERCENT = 95

/** The conditions are judged by the watchdog; an alarm only says that some job is in one. */
const CONDITION_TEXT: Readonly<Record<Condition, string>> = {
  'missed-ticks': 'Ticks of some job left no trace',
  'abandoned-runs': 'Runs of some job ended without an outcome',
  'success-ratio': 'Fewer than nine in ten runs of some job succeeded in the last day',
  retries: 'Some job has made more than ten retries within an hour',
  'slow-runs': 'A run of some job took more than four fifths of its deadline',
  'many-keys-failed': 'Some job has lost more than a fifth of its keys, two runs in a row',
  freshness: 'Data of some job were fresh for less of the last day than its declaration gives',
  'key-refused': 'A provider refuses our key',
  'upstream-cooling': 'All providers of some job have been left alone for longer than is put up with',
  'failed-tasks': 'A task of some job has failed within the last hour',
  'timed-out-tasks': 'A task of some job did not end within its deadline, within the last hour',
}

/**
 * The alarms of a stage that are not about one job.
 *
 * @param conditions - those that some job of it can be in; those of any job unless said
 */
export function stageAlarms(stage: string, conditions: readonly Condition[] = CONDITIONS): AlarmSpec[] {
  const once = {
    periodMs: FIVE_MINUTES_MS,
    periods: 1,
    threshold: 1,
    comparison: 'at',
    missingData: 'notBreaching',
  } as const
  const depth = { ...once, statistic: 'Maximum' } as const
  const sum = { ...once, statistic: 'Sum' } as const
  const alarm = <T>(kind: AlarmKind, about: string, series: Series, how: T) => ({
    kind,
    name: `${stage}-${kind}`,
    about,
    series,
    ...how,
  })
  const letters = 'ApproximateNumberOfMessagesVisible'
  return [
    ...conditions.map((condition) =>
      alarm(condition, CONDITION_TEXT[condition], watchdogSeries(stage, CONDITION_METRIC[condition]), depth),
    ),
    alarm(
      'undelivered',
      'A tick or a refresh request could not be delivered to its function',
      { kind: 'deliveries', metric: letters },
      depth,
    ),
    alarm(
      'failed-runs',
      'An invocation failed without recording an outcome',
      { kind: 'failed-runs', metric: letters },
      depth,
    ),
    alarm(
      'api-errors',
      'Readers were answered with server errors',
      { kind: 'api', metric: '5xx' },
      { ...sum, threshold: API_ERROR_THRESHOLD },
    ),
    alarm(
      'api-slow',
      'One reader in a hundred waits too long',
      { kind: 'api', metric: 'Latency' },
      { ...once, statistic: 'p99' as const, periods: 3, threshold: SLOW_RESPONSE_MS },
    ),
    alarm(
      'hit-ratio',
      `Fewer than ${MIN_HIT_PERCENT} % of the reads of an hour were answered from what is stored`,
      { kind: 'hit-ratio', dimensions: { service: stage } },
      { ...sum, periodMs: HOUR_MS, threshold: MIN_HIT_PERCENT, comparison: 'below' as const },
    ),
    alarm(
      'memory-fallback',
      `Readers have been served from memory for ${MEMORY_FALLBACK_PERIODS} minutes, because the table fails`,
      watchdogSeries(stage, READ_METRIC.memoryFallbacks),
      { ...sum, periodMs: MINUTE_MS, periods: MEMORY_FALLBACK_PERIODS },
    ),
    alarm(
      'watchdog-errors',
      'The watchdog could not look after every job',
      { kind: 'watchdog', metric: 'Errors' },
      sum,
    ),
  ]
}
