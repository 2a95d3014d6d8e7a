import { type DynamoDBClient, paginateScan, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { TABLE } from './create-table.ts'

/**
 * Gives back every lease that an ended process left behind. Nobody else can hold one: a data directory belongs to one
 * process, and this one has not begun. Without it, refreshes would be skipped until the lease of a killed run lapses.
 */
export async function giveBackOrphanedLeases(client: DynamoDBClient): Promise<void> {
  const scan = {
    TableName: TABLE,
    FilterExpression: 'begins_with(pk, :public) AND attribute_exists(leaseUntil)',
    ProjectionExpression: 'pk, sk',
    ExpressionAttributeValues: { ':public': { S: 'public#' } },
  }
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    for (const Key of Items) {
      const UpdateExpression = 'REMOVE leaseOwner, leaseUntil'
      await client.send(new UpdateItemCommand({ TableName: TABLE, Key, UpdateExpression }))
    }
  }
}
