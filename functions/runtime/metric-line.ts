import { METRIC_NAMESPACE } from './metric-names.ts'

/**
 * A log line with embedded metrics of a stage, each a count; by hand, because Powertools does not fit the reads bundle.
 *
 * @param fields - further members of the line
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(
  stage: string,
  now: number,
  metrics: Readonly<Record<string, number>>,
  fields: Readonly<Record<string, number>> = {},
): string {
  const Metrics = Object.keys(metrics).map((Name) => ({ Name, Unit: 'Count' }))
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [['service']], Metrics }],
    },
    service: stage,
    ...metrics,
    ...fields,
  })
}
