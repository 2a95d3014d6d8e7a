import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb'
import { TABLE } from './create-table.ts'

/**
 * Stands in for DynamoDB's time to live: deletes what has expired, again and again.
 *
 * @param onFault - told what a sweep failed with; the next one tries again
 */
export function startSweeper(client: DynamoDBClient, everyMs: number, onFault: (error: unknown) => void) {
  const stopped = new AbortController()
  let sweep = Promise.resolve()
  const timer = setInterval(() => {
    sweep = sweep
      .then(() => deleteExpired(client, Math.floor(Date.now() / 1_000), stopped.signal))
      .catch((error) => {
        if (!stopped.signal.aborted) onFault(error)
      })
  }, everyMs)
  return {
    /** Ends a sweep under way after its current request. */
    stop: async () => {
      clearInterval(timer)
      stopped.abort()
      await sweep
    },
  }
}

/** An item that was renewed since it was seen keeps: the condition is asked again where it is deleted. */
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
