import { Duration } from 'aws-cdk-lib'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { acknowledge } from '#infra/acknowledgements.ts'

/** Where an asynchronous edge leaves what it gave up: encrypted, over TLS only, kept for fourteen days. */
export function failureQueue(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, {
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  })
  acknowledge(queue, 'AwsSolutions-SQS3', 'it is a dead-letter queue itself')
  acknowledge(queue, 'Serverless-SQSRedrivePolicy', 'it is a dead-letter queue itself')
  return queue
}
