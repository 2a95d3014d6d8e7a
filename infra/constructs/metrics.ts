import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { type IMetric, MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { METRIC_NAMESPACE, READ_METRIC } from '#functions/runtime/metric-names.ts'
import { HIT_RATIO_EXPRESSION, type Series } from '#infra/alarms/alarm-spec.ts'
import { defined } from '#shared/domain/defined.ts'
import { assertNever } from '#shared/domain/errors.ts'

/** The resources that AWS measures. */
export interface MetricSources {
  readonly api: HttpStage
  readonly undeliveredQueue: Queue
  readonly failedRunsQueue: Queue
  readonly watchdog: LambdaFunction
}

/** The metric of a declared series. */
export function metricOf(series: Series, sources: MetricSources, options: MetricOptions): IMetric {
  switch (series.kind) {
    case 'freshet':
      return freshetMetric(series.metric, series.dimensions, options)
    case 'hit-ratio': {
      const usingMetrics = {
        reads: freshetMetric(READ_METRIC.reads, series.dimensions, options),
        hits: freshetMetric(READ_METRIC.hits, series.dimensions, options),
      }
      return new MathExpression({
        expression: HIT_RATIO_EXPRESSION,
        label: 'hit ratio (%)',
        usingMetrics,
        ...defined({ period: options.period }),
      })
    }
    case 'deliveries':
      return sources.undeliveredQueue.metric(series.metric, options)
    case 'failed-runs':
      return sources.failedRunsQueue.metric(series.metric, options)
    case 'api':
      return sources.api.metric(series.metric, options)
    case 'watchdog':
      return sources.watchdog.metric(series.metric, options)
    default:
      return assertNever(series)
  }
}

function freshetMetric(
  metricName: string,
  dimensions: Readonly<Record<string, string>>,
  options: MetricOptions,
): Metric {
  return new Metric({ ...options, namespace: METRIC_NAMESPACE, metricName, dimensionsMap: { ...dimensions } })
}
