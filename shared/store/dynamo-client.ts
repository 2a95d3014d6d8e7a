import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { AWS_TIMEOUTS } from '#shared/ports/patience.ts'

/**
 * The client of a function's table. It goes without the SDK's log middleware, which copies each answer member by member
 * for a logger that nobody gives: a third of what a batch of answers costs its reader.
 *
 * @param maxAttempts - of one call
 */
export function dynamoClient(maxAttempts: number, config: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({ ...AWS_TIMEOUTS, ...config, maxAttempts })
  if (client.middlewareStack.remove('loggerMiddleware')) return client
  throw new TypeError('expected the client to have a middleware named loggerMiddleware')
}
