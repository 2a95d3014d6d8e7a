import {
  type AttributeValue,
  type DynamoDBClient,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { TABLE } from './create-table.ts'

interface OrphanQuery {
  readonly partitions: string
  readonly attribute: string
  readonly update: string
  readonly values?: Readonly<Record<string, AttributeValue>>
}

/** What a killed run would hold until it lapses: the leases of jobs and keys, and connections to providers. */
const ORPHAN_QUERIES: readonly OrphanQuery[] = [
  { partitions: 'public#', attribute: 'leaseUntil', update: 'REMOVE leaseOwner, leaseUntil' },
  {
    partitions: 'upstream#',
    attribute: 'connections',
    update: 'SET connections = :none ADD revision :one',
    values: { ':none': { M: {} }, ':one': { N: '1' } },
  },
]

/**
 * Gives back every lease and connection that an ended process left behind. Nobody else can hold one: a data directory
 * belongs to one process, and this one has not begun. Without it, refreshes would wait until those of a killed run lapse.
 *
 * @param owners - of leases that go on, because their tasks do
 */
export async function releaseOrphanedLeases(
  client: DynamoDBClient,
  owners: ReadonlySet<string>,
): Promise<void> {
  for (const orphans of ORPHAN_QUERIES) await release(client, orphans, owners)
}

async function release(
  client: DynamoDBClient,
  { partitions, attribute, update, values }: OrphanQuery,
  owners: ReadonlySet<string>,
): Promise<void> {
  const scan = {
    TableName: TABLE,
    FilterExpression: `begins_with(pk, :partitions) AND attribute_exists(${attribute})`,
    ProjectionExpression: 'pk, sk, leaseOwner',
    ExpressionAttributeValues: { ':partitions': { S: partitions } },
  }
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    for (const { leaseOwner, ...Key } of Items) {
      if (owners.has(leaseOwner?.S ?? '')) continue
      const more = values ? { ExpressionAttributeValues: values } : {}
      await client.send(new UpdateItemCommand({ TableName: TABLE, Key, UpdateExpression: update, ...more }))
    }
  }
}
