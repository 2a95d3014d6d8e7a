import { randomUUID } from 'node:crypto'
import { FAILURE_QUEUES, type FailureQueue } from '#shared/domain/ports/failure-queues.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { isoText } from '#shared/domain/time.ts'

const PATH = '/000000000000/'

/** The URL of a local queue, at the endpoint of the local AWS services. */
export function queueUrl(endpoint: string, queue: FailureQueue): string {
  return new URL(`${PATH}${queue}`, endpoint).href
}

/** The queue that a URL names; `undefined` for any other URL. */
export function queueOf(url: unknown): FailureQueue | undefined {
  return FAILURE_QUEUES.find((queue) => String(url).endsWith(`${PATH}${queue}`))
}

interface Message {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly sentAt: number
  readonly body: string
  /** It is not received before this time. */
  hiddenUntil: number
}

/** The failure queues of one machine, as SQS keeps them; they are empty after a start. */
export class LocalFailureQueues {
  readonly #messages: Readonly<Record<FailureQueue, Map<string, Message>>> = {
    undelivered: new Map(),
    'failed-runs': new Map(),
  }
  readonly #now: () => number

  /** @param now - milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Adds the record that Lambda writes of an asynchronous invocation that failed. */
  addFailedRun(functionName: string, requestPayload: object, error: unknown): void {
    const sentAt = this.#now()
    const id = randomUUID()
    const body = JSON.stringify({
      version: '1.0',
      timestamp: isoText(sentAt),
      requestContext: {
        requestId: id,
        functionArn: `arn:aws:lambda:eu-central-1:000000000000:function:${functionName}:live`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: 1,
      },
      requestPayload,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: errorMessage(error) },
    })
    this.#messages['failed-runs'].set(id, { id, sentAt, body, hiddenUntil: 0 })
  }

  /** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
  attributes(queue: FailureQueue): object {
    const all = [...this.#messages[queue].values()]
    const visible = all.filter(({ hiddenUntil }) => hiddenUntil <= this.#now()).length
    return {
      Attributes: {
        ApproximateNumberOfMessages: String(visible),
        ApproximateNumberOfMessagesNotVisible: String(all.length - visible),
      },
    }
  }

  /** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
  receive(queue: FailureQueue, maxMessages: number, hiddenSeconds: number): object {
    const now = this.#now()
    const received = [...this.#messages[queue].values()]
      .filter(({ hiddenUntil }) => hiddenUntil <= now)
      .slice(0, maxMessages)
    for (const message of received) message.hiddenUntil = now + hiddenSeconds * 1_000
    if (received.length === 0) return {}
    return {
      Messages: received.map(({ id, sentAt, body }) => ({
        MessageId: id,
        ReceiptHandle: id,
        Body: body,
        Attributes: { SentTimestamp: String(sentAt) },
      })),
    }
  }

  /** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html */
  delete(queue: FailureQueue, receipt: string): void {
    this.#messages[queue].delete(receipt)
  }
}
