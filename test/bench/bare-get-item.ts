import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'

/* The least that a function can do that reads one item: what the cold start of reads is compared with. */

const client = new DynamoDBClient({ maxAttempts: 2 })

/** Reads the item that the environment names, and returns its body. */
export const handler = async (): Promise<object> => {
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: process.env['FRESHET_TABLE'],
      Key: { pk: { S: process.env['BENCH_PK'] ?? '' }, sk: { S: process.env['BENCH_SK'] ?? '' } },
    }),
  )
  const body = Item?.['body']?.B
  if (!body) throw new Error('expected an item with a body, got none')
  return { statusCode: 200, body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
}
