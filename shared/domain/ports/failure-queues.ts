/** `undelivered`: events that reached no function. `failed-runs`: events of invocations that recorded no outcome. */
export const FAILURE_QUEUES = ['undelivered', 'failed-runs'] as const

/** The name of a queue of events that failed. */
export type FailureQueue = (typeof FAILURE_QUEUES)[number]

/** One message of a failure queue. */
export interface FailureMessage {
  readonly id: string
  /** When the event failed for good, in epoch milliseconds. */
  readonly at: number
  /** JSON, as the service that gave the event up has written it. */
  readonly body: string
  /** Why it was given up, where the service writes that beside the body: `ERROR_CODE`, `ERROR_MESSAGE`. */
  readonly attributes: Readonly<Record<string, string>>
  /** Names this delivery of the message, to delete it. */
  readonly receipt: string
}

/** The queues of events that failed. Delivery is at least once and unordered. */
export interface FailureQueues {
  /** About how many messages a queue has. @throws when the queue cannot be read */
  depth(queue: FailureQueue): Promise<number>
  /**
   * Up to ten messages, which no one else receives for `hiddenMs`; none from an empty queue. Waits up to a second for them.
   *
   * @throws when the queue cannot be read
   */
  receive(queue: FailureQueue, hiddenMs: number): Promise<readonly FailureMessage[]>
  /** Deletes a message that was received. @throws when it may still be in the queue */
  delete(queue: FailureQueue, receipt: string): Promise<void>
}
