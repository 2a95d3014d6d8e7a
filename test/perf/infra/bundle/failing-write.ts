import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'

/** How a write failed, as the code of a function sees it. */
interface WriteFailure {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
  readonly isConditional: boolean
  /** The stored item, which a failed condition returns. */
  readonly item: object | undefined
}

/** A function that writes one item to a table at this address, and returns how that failed. */
export const handler = async (endpoint: string): Promise<WriteFailure | undefined> => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 2 })
  try {
    await client.send(new PutItemCommand({ TableName: 't', Item: { pk: { S: 'a' } } }))
    return undefined
  } catch (error) {
    const { name, message, $metadata, Item } = error as ConditionalCheckFailedException
    const isConditional = error instanceof ConditionalCheckFailedException
    return { name, message, status: $metadata.httpStatusCode, isConditional, item: Item }
  }
}
