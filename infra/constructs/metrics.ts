import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { type IMetric, MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { METRIC_NAMESPACE, READ_METRIC } from '#functions/runtime/metric-names.ts'
import { HIT_RATIO_EXPRESSION, type Series } from '#infra/alarms/alarm-spec.ts'

/** The resources whose series AWS keeps. */
export interface MetricSources {
  readonly api: HttpStage
  readonly undeliveredQueue: Queue
  readonly failedRunsQueue: Queue
  readonly watchdog: LambdaFunction
}

/** The metric of a declared series. */
export function metricOf(series: Series, measured: MetricSources, options: MetricOptions): IMetric {
  switch (series.kind) {
    case 'freshet':
      return freshetMetric(series.metric, series.dimensions, options)
    case 'hit-ratio': {
      const usingMetrics = {
        reads: freshetMetric(READ_METRIC.reads, series.dimensions, options),
        hits: freshetMetric(READ_METRIC.hits, series.dimensions, options),
      }
      const period = options.period === undefined ? {} : { period: options.period }
      return new MathExpression({
        expression: HIT_RATIO_EXPRESSION,
        label: 'hit ratio (%)',
        usingMetrics,
        ...period,
      })
    }
    case 'deliveries':
      return measured.undeliveredQueue.metric(series.metric, options)
    case 'failed-runs':
      return measured.failedRunsQueue.metric(series.metric, options)
    case 'api':
      return measured.api.metric(series.metric, options)
    case 'watchdog':
      return measured.watchdog.metric(series.metric, options)
  }
}

function freshetMetric(
  metricName: string,
  dimensions: Readonly<Record<string, string>>,
  options: MetricOptions,
): Metric {
  return new Metric({ ...options, namespace: METRIC_NAMESPACE, metricName, dimensionsMap: { ...dimensions } })
}
