import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import type { AlarmSpec } from '#infra/alarms/alarm-spec.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import { acknowledge } from './acknowledgements.ts'
import { type MetricSources, metricOf } from './metrics.ts'
import { resourceName } from './names.ts'

interface AlarmProps {
  readonly specs: readonly AlarmSpec[]
  readonly sources: MetricSources
  readonly topic: ITopic
  readonly config: Pick<StageConfig, 'runbookUrl'>
}

/** The page of the runbook, where the stage does not name a published one. */
const RUNBOOK_FILE = 'docs/operate.md'

/** Creates the declared alarms. Each one notifies the topic when it fires and when it ends, some also without data. */
export function addAlarms(scope: Construct, { specs, sources, topic, config }: AlarmProps): void {
  const { runbookUrl = RUNBOOK_FILE } = config
  const group = new Construct(scope, 'AlarmGroup')
  const action = new SnsAction(topic)
  for (const spec of specs) {
    const period = Duration.millis(spec.periodMs)
    const alarm = new Alarm(group, spec.name, {
      alarmName: resourceName(spec.name),
      alarmDescription: `${spec.about}. Runbook: ${runbookUrl}#${spec.kind}`,
      metric: metricOf(spec.series, sources, { statistic: spec.statistic, period }),
      evaluationPeriods: spec.periods,
      threshold: spec.threshold,
      comparisonOperator:
        spec.comparison === 'below'
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData:
        spec.missingData === 'notifying' ? TreatMissingData.MISSING : TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
    if (spec.missingData === 'notifying') alarm.addInsufficientDataAction(action)
  }
}

const CLOUDWATCH = new ServicePrincipal('cloudwatch.amazonaws.com')

/** The topic that gets the alarms: the existing one of the stage, or a new one. */
export function alarmTopic(
  scope: Construct,
  { alarmEmail, alarmTopicArn }: Pick<StageConfig, 'alarmEmail' | 'alarmTopicArn'>,
): ITopic {
  const topic =
    alarmTopicArn === undefined ? newTopic(scope) : Topic.fromTopicArn(scope, 'Alarms', alarmTopicArn)
  if (alarmEmail !== undefined) subscribeEmail(topic, alarmEmail)
  return topic
}

/**
 * A topic for alarms. Its KMS key is a customer key, because CloudWatch cannot use the AWS managed key of SNS. Its
 * policy names CloudWatch, because a policy that demands TLS replaces the default one, which allows the account.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
function newTopic(scope: Construct): Topic {
  const stack = Stack.of(scope)
  const sameAccount = { StringEquals: { 'aws:SourceAccount': stack.account } }
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME
  const alarms = stack.formatArn({ service: 'cloudwatch', resource: 'alarm', resourceName: '*', arnFormat })
  const key = new Key(scope, 'AlarmKey', {
    description: 'Encrypts alarms for their subscribers',
    enableKeyRotation: true,
    // no stored data need it
    removalPolicy: RemovalPolicy.DESTROY,
  })
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsEncrypt',
      principals: [CLOUDWATCH],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: sameAccount,
    }),
  )
  const topic = new Topic(scope, 'Alarms', { masterKey: key, enforceSSL: true })
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsPublish',
      principals: [CLOUDWATCH],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { ...sameAccount, ArnLike: { 'aws:SourceArn': alarms } },
    }),
  )
  return topic
}

function subscribeEmail(topic: ITopic, email: string): void {
  const subscription = topic.addSubscription(new EmailSubscription(email))
  const reason = 'a queue would not help with a rejected mail; the alarm stays visible in CloudWatch'
  acknowledge(subscription, 'Serverless-SNSRedrivePolicy', reason)
}
