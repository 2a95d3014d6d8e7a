import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { onTestFinished } from 'vitest'
import { accessKeyOf } from '#infra/local/aws/access-keys.ts'
import { AWS_TIMEOUTS } from '#shared/adapters/aws-timeouts.ts'

/**
 * A client as functions have it, for the length of one test: the SDK's own rules of what is asked again and how often,
 * but hardly a wait between.
 *
 * @param functionName - the function whose role its calls have
 */
export async function quickClient(
  endpoint: string,
  functionName: string,
  maxAttempts: number,
): Promise<DynamoDBClient> {
  const credentials = { accessKeyId: accessKeyOf(functionName), secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, credentials, maxAttempts, ...AWS_TIMEOUTS })
  const waits = { setDelayBase: () => {}, computeNextBackoffDelay: () => 1 }
  Object.assign(await client.config.retryStrategy(), { retryBackoffStrategy: waits })
  onTestFinished(() => client.destroy())
  return client
}

/** What the handler of Node's clients offers; the SDK's type is that of any. */
interface Configurable {
  updateHttpClientConfig(name: string, value: number): void
}

/** From now on the client waits for answers in parts of what functions do. */
export function scaleTimeouts(client: DynamoDBClient, parts: number): void {
  const handler = client.config.requestHandler as unknown as Configurable
  const { requestTimeout, socketTimeout } = AWS_TIMEOUTS.requestHandler
  handler.updateHttpClientConfig('requestTimeout', requestTimeout * parts)
  handler.updateHttpClientConfig('socketTimeout', socketTimeout * parts)
}
