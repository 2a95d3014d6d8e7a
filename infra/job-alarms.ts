import { JOB_METRIC } from '#functions/metric-names.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { durationText } from '#shared/domain/duration.ts'
import { type AlarmSpec, watched } from './alarm-spec.ts'
import { cadenceOf } from './cadence.ts'

const FIVE_MINUTES_MS = 300_000

/** The two alarms of a job that runs; one that runs on demand owes nothing, and is never overdue. */
export function alarmsOfJob(stage: string, job: Job): AlarmSpec[] {
  const clock = clockOf(job.schedule)
  const common = { statistic: 'Maximum', periodMs: FIVE_MINUTES_MS, periods: 1, fires: 'at' } as const
  const failing: AlarmSpec = {
    ...common,
    kind: 'failing',
    name: `${stage}-${job.id}-failing`,
    about: `${job.title}: ${job.failuresBeforeAlarm} runs in a row have failed`,
    series: watched(stage, JOB_METRIC.consecutiveFailures, job.id),
    threshold: job.failuresBeforeAlarm,
    missing: 'notBreaching',
  }
  if (!clock) return [failing]
  const overdueMs = job.overdueAfterMs ?? 2 * cadenceOf(clock).longestMs
  return [
    {
      ...common,
      kind: 'overdue',
      name: `${stage}-${job.id}-overdue`,
      about: `${job.title}: data have been overdue for ${durationText(overdueMs)}, or nobody looks any more`,
      series: watched(stage, JOB_METRIC.overdueSeconds, job.id),
      threshold: overdueMs / 1_000,
      missing: 'breaching',
    },
    failing,
  ]
}
