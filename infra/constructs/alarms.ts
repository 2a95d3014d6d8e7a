import { Duration } from 'aws-cdk-lib'
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2'
import {
  Alarm,
  ComparisonOperator,
  Metric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { AlarmSpec, Series } from '../alarms.ts'

/** The resources whose series AWS keeps. */
export interface Measured {
  readonly api: HttpStage
  readonly deliveries: Queue
  readonly failedRuns: Queue
  readonly watchdog: LambdaFunction
}

/** The declared alarms, each to the topic when it fires and when it is over. */
export function alarms(
  scope: Construct,
  specs: readonly AlarmSpec[],
  measured: Measured,
  topic: Topic,
): void {
  const group = new Construct(scope, 'AlarmGroup')
  const action = new SnsAction(topic)
  for (const spec of specs) {
    const period = Duration.millis(spec.periodMs)
    const alarm = new Alarm(group, spec.name, {
      alarmName: spec.name,
      alarmDescription: spec.about,
      metric: metricOf(spec.series, measured, { statistic: spec.statistic, period }),
      evaluationPeriods: spec.periods,
      threshold: spec.threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData:
        spec.missing === 'breaching' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
  }
}

/** The metric of a declared series. */
export function metricOf(series: Series, measured: Measured, options: MetricOptions): Metric {
  switch (series.of) {
    case 'freshet':
      return new Metric({
        ...options,
        namespace: series.namespace,
        metricName: series.metric,
        dimensionsMap: { ...series.dimensions },
      })
    case 'deliveries':
      return measured.deliveries.metric(series.metric, options)
    case 'failed-runs':
      return measured.failedRuns.metric(series.metric, options)
    case 'api':
      return measured.api.metric(series.metric, options)
    case 'watchdog':
      return measured.watchdog.metric(series.metric, options)
  }
}
