import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { AlarmSpec } from '#infra/alarm-spec.ts'
import { type MetricSources, metricOf } from './metric.ts'

/** The declared alarms, each to the topic when it fires and when it is over. */
export function addAlarms(
  scope: Construct,
  specs: readonly AlarmSpec[],
  measured: MetricSources,
  topic: Topic,
): void {
  const group = new Construct(scope, 'AlarmGroup')
  const action = new SnsAction(topic)
  for (const spec of specs) {
    const period = Duration.millis(spec.periodMs)
    const alarm = new Alarm(group, spec.name, {
      alarmName: spec.name,
      alarmDescription: `${spec.about}. Runbook: docs/operate.md#${spec.kind}`,
      metric: metricOf(spec.series, measured, { statistic: spec.statistic, period }),
      evaluationPeriods: spec.periods,
      threshold: spec.threshold,
      comparisonOperator:
        spec.comparison === 'below'
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData:
        spec.missingData === 'breaching' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
  }
}
