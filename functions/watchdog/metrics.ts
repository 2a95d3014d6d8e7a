import { Metrics } from '@aws-lambda-powertools/metrics'
import { METRIC_NAMESPACE } from '../metric-names.ts'
import { pointsOf } from './points.ts'
import type { Watched } from './watch.ts'

/** Writes what the watchdog saw as metrics of a stage, by embedded metric format. Dimensions: the job, or none. */
export function emit(stage: string, all: readonly Watched[]): void {
  for (const { job, points } of pointsOf(all)) {
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: stage, singleMetric: false })
    if (job !== undefined) metrics.addDimension('job', job)
    for (const { metric, unit, value } of points) metrics.addMetric(metric, unit, value)
    metrics.publishStoredMetrics()
  }
}
