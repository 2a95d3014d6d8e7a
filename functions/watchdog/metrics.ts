import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Watched } from './watch.ts'

/** Where all of the system's metrics stand. */
export const METRIC_NAMESPACE = 'Freshet'

/** Names of the series; the alarms use the same. Two a job, one per other condition over all jobs. */
export const METRIC = {
  overdueSeconds: 'OverdueSeconds',
  consecutiveFailures: 'ConsecutiveFailures',
  missedTicks: 'MissedTicks',
  abandonedRuns: 'AbandonedRuns',
} as const

/** Writes what the watchdog saw as metrics of a stage, by embedded metric format. Dimensions: the job, or none. */
export function emit(stage: string, all: readonly Watched[]): void {
  for (const one of all) {
    const perJob = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: stage, singleMetric: false })
    perJob.addDimension('job', one.job)
    perJob.addMetric(METRIC.overdueSeconds, MetricUnit.Seconds, one.overdueSeconds)
    perJob.addMetric(METRIC.consecutiveFailures, MetricUnit.Count, one.consecutiveFailures)
    perJob.publishStoredMetrics()
  }
  const overAll = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: stage })
  overAll.addMetric(
    METRIC.missedTicks,
    MetricUnit.Count,
    sum(all, (one) => one.missedTicks),
  )
  overAll.addMetric(
    METRIC.abandonedRuns,
    MetricUnit.Count,
    sum(all, (one) => one.abandonedRuns),
  )
  overAll.publishStoredMetrics()
}

function sum(all: readonly Watched[], of: (one: Watched) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}
