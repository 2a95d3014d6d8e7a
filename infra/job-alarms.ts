import { JOB_METRIC } from '#functions/runtime/metric-names.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { durationText } from '#shared/domain/duration.ts'
import { type AlarmSpec, watchdogSeries } from './alarm-spec.ts'
import { cadenceOf } from './cadence.ts'

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
