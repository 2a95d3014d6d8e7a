import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb'
import { TABLE } from './create-table.ts'

/**
 * Deletes expired items at an interval, in place of DynamoDB's time to live.
 *
 * @param onFault - called when a sweep fails; the next one tries again
 */
export function startSweeper(client: DynamoDBClient, intervalMs: number, onFault: (error: unknown) => void) {
  const stopped = new AbortController()
  let sweep = Promise.resolve()
  const timer = setInterval(() => {
    sweep = sweep
      .then(() => deleteExpired(client, Math.floor(Date.now() / 1_000), stopped.signal))
      .catch((error) => {
        if (!stopped.signal.aborted) onFault(error)
      })
  }, intervalMs)
  return {
    /** Waits for the current request of a running sweep. */
    stop: async () => {
      clearInterval(timer)
      stopped.abort()
      await sweep
    },
  }
}

/** The condition protects an item that was refreshed after the scan read it. */
async function deleteExpired(client: DynamoDBClient, nowSeconds: number, signal: AbortSignal): Promise<void> {
  const expired = { ':now': { N: String(nowSeconds) } }
  const scan = {
    TableName: TABLE,
    FilterExpression: 'expiresAt < :now',
    ProjectionExpression: 'pk, sk',
    ExpressionAttributeValues: expired,
  }
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    for (const Key of Items) {
      if (signal.aborted) return
      try {
        await client.send(
          new DeleteItemCommand({
            TableName: TABLE,
            Key,
            ConditionExpression: 'expiresAt < :now',
            ExpressionAttributeValues: expired,
          }),
        )
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
      }
    }
  }
}
