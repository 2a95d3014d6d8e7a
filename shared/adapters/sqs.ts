import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { FailureMessage, FailureQueue, FailureQueues } from '#shared/domain/ports/failure-queues.ts'
import { awsJson } from './aws-json.ts'

interface SqsOptions {
  /** URL of each queue; its origin is where requests are sent. */
  readonly urls: Readonly<Record<FailureQueue, string>>
  /** Of one request, in milliseconds. */
  readonly timeoutMs: number
}

/** The largest number that one request may ask for. */
const MAX_MESSAGES = 10

/** With a wait, SQS asks all of its servers; without one, a message may be missed. */
const WAIT_S = 1

/**
 * The failure queues in SQS.
 *
 * @param client - any client of the SDK, for region and credentials
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export function sqsFailureQueues(
  client: Pick<DynamoDBClient, 'config'>,
  { urls, timeoutMs }: SqsOptions,
): FailureQueues {
  const send = (queue: FailureQueue, operation: string, input: object) => {
    const { origin } = new URL(urls[queue])
    const request = awsJson(client, {
      title: 'SQS',
      service: 'sqs',
      target: 'AmazonSQS',
      endpoint: origin,
      timeoutMs,
    })
    return request(operation, { QueueUrl: urls[queue], ...input })
  }
  return {
    async depth(queue) {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']
      const { Attributes = {} } = (await send(queue, 'GetQueueAttributes', { AttributeNames })) as {
        Attributes?: Readonly<Record<string, string>>
      }
      return AttributeNames.reduce((sum, name) => sum + numberOf(name, Attributes[name]), 0)
    },
    async receive(queue, hiddenMs) {
      const { Messages = [] } = (await send(queue, 'ReceiveMessage', {
        MaxNumberOfMessages: MAX_MESSAGES,
        VisibilityTimeout: Math.ceil(hiddenMs / 1_000),
        WaitTimeSeconds: WAIT_S,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      })) as { Messages?: readonly SqsMessage[] }
      return Messages.map(messageOf)
    },
    async delete(queue, receipt) {
      await send(queue, 'DeleteMessage', { ReceiptHandle: receipt })
    },
  }
}

interface SqsMessage {
  readonly MessageId: string
  readonly ReceiptHandle: string
  readonly Body: string
  readonly Attributes?: Readonly<Record<string, string>>
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>
}

function messageOf({
  MessageId,
  ReceiptHandle,
  Body,
  Attributes,
  MessageAttributes,
}: SqsMessage): FailureMessage {
  const attributes = Object.entries(MessageAttributes ?? {}).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  )
  return {
    id: MessageId,
    at: numberOf('SentTimestamp', Attributes?.['SentTimestamp']),
    body: Body,
    attributes: Object.fromEntries(attributes),
    receipt: ReceiptHandle,
  }
}

function numberOf(name: string, text: string | undefined): number {
  if (text !== undefined && /^\d+$/.test(text)) return Number(text)
  throw new Error(`SQS: expected ${name} as a number, got ${String(text)}`)
}
