import { Metrics } from '@aws-lambda-powertools/metrics'
import { CONDITION_METRIC, JOB_METRIC, METRIC_NAMESPACE } from '#functions/runtime/metric-names.ts'
import { CONDITIONS, type Condition } from '#shared/domain/conditions.ts'
import type { WatchResult } from './watch.ts'

/** One value of one series. */
export interface MetricValue {
  readonly metric: string
  readonly unit: 'Seconds' | 'Count'
  readonly value: number
}

/** The values of one set of dimensions: a job's, or those over all jobs. */
export interface MetricGroup {
  readonly job?: string
  readonly points: readonly MetricValue[]
}

/** The results of a pass as metric values: two per job, one per condition over all jobs. Their number does not grow with the data. */
export function metricGroups(
  all: readonly WatchResult[],
  conditions: readonly Condition[] = CONDITIONS,
): readonly MetricGroup[] {
  const perJob = all.map(({ job, overdueSeconds, consecutiveFailures }) => ({
    job,
    points: [
      ...(overdueSeconds === undefined
        ? []
        : [{ metric: JOB_METRIC.overdueSeconds, unit: 'Seconds' as const, value: overdueSeconds }]),
      { metric: JOB_METRIC.consecutiveFailures, unit: 'Count' as const, value: consecutiveFailures },
    ],
  }))
  const overAll = conditions.map((condition) => ({
    metric: CONDITION_METRIC[condition],
    unit: 'Count' as const,
    value: all.filter((result) => result.conditions.includes(condition)).length,
  }))
  return [...perJob, { points: overAll }]
}

/**
 * Writes the results of a pass as metrics of a stage, in embedded metric format. Dimensions: the job, or none.
 *
 * @param conditions - each is one series; the conditions of all jobs by default
 */
export function emitMetrics(
  stage: string,
  all: readonly WatchResult[],
  conditions?: readonly Condition[],
): void {
  for (const { job, points } of metricGroups(all, conditions)) {
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: stage, singleMetric: false })
    if (job !== undefined) metrics.addDimension('job', job)
    for (const { metric, unit, value } of points) metrics.addMetric(metric, unit, value)
    metrics.publishStoredMetrics()
  }
}
