import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { acknowledge } from '#infra/acknowledgements.ts'

const CLOUDWATCH = new ServicePrincipal('cloudwatch.amazonaws.com')

/**
 * Where alarms go. Its key is our own, because CloudWatch cannot use the one that AWS keeps for SNS; and CloudWatch is
 * named in the topic's policy, because one that demands TLS replaces the default one that lets the account in.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export function alarmTopic(scope: Construct, email: string | undefined): Topic {
  const fromHere = { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } }
  const key = new Key(scope, 'AlarmKey', {
    description: 'Alarms on their way to the people who are called',
    enableKeyRotation: true,
    // nothing is stored under it
    removalPolicy: RemovalPolicy.DESTROY,
  })
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsEncrypt',
      principals: [CLOUDWATCH],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: fromHere,
    }),
  )
  const topic = new Topic(scope, 'Alarms', { masterKey: key, enforceSSL: true })
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsPublish',
      principals: [CLOUDWATCH],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: fromHere,
    }),
  )
  if (email !== undefined) subscribeEmail(topic, email)
  return topic
}

function subscribeEmail(topic: Topic, email: string): void {
  const subscription = topic.addSubscription(new EmailSubscription(email))
  const reason = 'a mail that bounces is lost either way; the alarm stays red in CloudWatch'
  acknowledge(subscription, 'Serverless-SNSRedrivePolicy', reason)
}
