import {
  type AttributeValue,
  type DynamoDBClient,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { defined } from '#shared/domain/defined.ts'
import { TABLE } from './create-table.ts'

interface OrphanQuery {
  readonly partitions: string
  readonly attribute: string
  readonly update: string
  readonly values?: Readonly<Record<string, AttributeValue>>
}

/** Leases of jobs and keys, and connections to providers: a killed run holds them until they expire. */
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
 * Releases every lease and connection that an ended process left. No other process can own one: a data directory
 * belongs to one process, and this one has not started any run. Without it, refreshes wait until the leases expire.
 *
 * @param owners - owners whose leases are kept, because their tasks continue
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
      const optional = defined({ ExpressionAttributeValues: values })
      await client.send(
        new UpdateItemCommand({ TableName: TABLE, Key, UpdateExpression: update, ...optional }),
      )
    }
  }
}
