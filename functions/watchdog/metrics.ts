import { Metrics } from '@aws-lambda-powertools/metrics'
import { METRIC_NAMESPACE } from '#functions/metric-names.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import { metricGroups } from './points.ts'
import type { WatchResult } from './watch.ts'

/**
 * Writes what the watchdog saw as metrics of a stage, by embedded metric format. Dimensions: the job, or none.
 *
 * @param conditions - each is a series; those of any job unless said
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
